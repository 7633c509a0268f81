"""A Bokeh plot, and another one for each value of a slider."""

from bokeh.io import output_notebook, show
from bokeh.plotting import figure
from ipywidgets import interact

output_notebook()

# %% plot


@interact(n=(3, 6))
def bars(n=3):
    plot = figure(width=320, height=240, title=f"{n} bars", output_backend="svg")
    plot.vbar(x=list(range(n)), top=list(range(1, n + 1)), width=0.8)
    show(plot)

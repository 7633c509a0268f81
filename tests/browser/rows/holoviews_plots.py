"""A curve of HoloViews through Bokeh."""

import holoviews as hv
import ipywidgets as widgets
from IPython.display import display

hv.extension("bokeh")

# %% curve
curve = hv.Curve([1, 4, 2]).opts(title="three points", backend_opts={"plot.output_backend": "svg"})
display(curve)

# %% again
out = widgets.Output()
button = widgets.Button(description="Again")


def again(_):
    with out:
        display(hv.Curve([1, 4, 2, 5]).opts(title="four points", backend_opts={"plot.output_backend": "svg"}))


button.on_click(again)
display(button, out)

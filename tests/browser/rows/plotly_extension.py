"""A chart of Plotly in an app that does not import plotly: drawn by jupyterlab-plotly, an extension of JupyterLab."""

import ipywidgets as widgets
from IPython.display import display


def bundle(*values):
    figure = {"data": [{"type": "bar", "x": list("abcdef")[: len(values)], "y": values}], "layout": {"height": 240}}
    return {"application/vnd.plotly.v1+json": figure, "text/plain": "a chart"}


chart = display(bundle(3, 1, 2), raw=True, display_id=True)
button = widgets.Button(description="More")
button.on_click(lambda _: chart.update(bundle(3, 1, 2, 5), raw=True))
display(button)

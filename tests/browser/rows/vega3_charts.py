"""Vega-Lite of a version that the page itself does not draw, by jupyterlab-vega3, an extension of JupyterLab."""

import ipywidgets as widgets
from IPython.display import display


def bars(*values):
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v2.json",
        "data": {"values": [{"a": "ABC"[index], "b": value} for index, value in enumerate(values)]},
        "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "b", "type": "quantitative"}},
    }
    return {"application/vnd.vegalite.v2+json": spec, "text/plain": "a chart"}


out = widgets.Output()
with out:
    display(bars(28, 55), raw=True)


def more(_):
    out.clear_output(wait=True)
    with out:
        display(bars(28, 55, 43), raw=True)


button = widgets.Button(description="More")
button.on_click(more)
display(out, button)

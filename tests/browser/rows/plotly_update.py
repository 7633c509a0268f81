"""A Plotly figure whose chart stays while a slider changes it."""

import json

import ipywidgets as widgets
import plotly.graph_objects as go
from IPython.display import display

figure = go.Figure(go.Bar(y=[1, 2, 3]), layout={"height": 250})


def bundle(figure):
    return {"application/vnd.plotly.v1+json": json.loads(figure.to_json())}


chart = display(bundle(figure), raw=True, display_id=True)


def grow(change):
    figure.data[0].y = list(range(1, change["new"] + 1))
    chart.update(bundle(figure), raw=True)


slider = widgets.IntSlider(value=3, min=3, max=9)
slider.observe(grow, "value")
display(slider)

"""Plotly's HTML renderers: the first brings plotly.js along, the other would have a page load it from elsewhere."""

import ipywidgets as widgets
import plotly.graph_objects as go
from IPython.display import display

figure = go.Figure(go.Bar(y=[1, 2, 3]), layout={"height": 250})
figure.show(renderer="notebook")
figure.show(renderer="notebook_connected")

out = widgets.Output()
button = widgets.Button(description="Again")


def again(_):
    with out:
        figure.show(renderer="notebook_connected")


button.on_click(again)
display(button, out)

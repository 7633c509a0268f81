"""A Plotly figure whose package is first imported in a callback: after the recording."""

import ipywidgets as widgets
from IPython.display import display

place = widgets.Output()
button = widgets.Button(description="Figure")


def draw(_):
    import plotly.graph_objects as go

    with place:
        display(go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3], mode="markers"), {"height": 300}))


button.on_click(draw)
display(button, place)

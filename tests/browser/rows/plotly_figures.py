"""A Plotly figure, drawn again for each value of a slider."""

import plotly.graph_objects as go
from ipywidgets import interact


@interact(n=(3, 9))
def bars(n=3):
    go.Figure(go.Bar(y=list(range(1, n + 1))), layout={"height": 300}).show()

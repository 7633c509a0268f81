"""Plotly's FigureWidget: clicks on points, zooming and dragging, told to Python; and what Python changes."""

import plotly.graph_objects as go

figure = go.FigureWidget(go.Scatter(x=[1, 2, 3, 4], y=[2, 1, 4, 3], mode="markers", marker_size=24))
figure.update_layout(height=360, title="none yet")


def clicked(trace, points, state):
    figure.layout.title = f"point {points.point_inds[0]}"
    print("clicked", points.point_inds)


figure.data[0].on_click(clicked)
figure.layout.on_change(lambda layout, span: print("zoomed"), "xaxis.range")
figure

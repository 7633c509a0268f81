"""A widget whose package is first imported in a callback: after the recording."""

import ipywidgets as widgets
from IPython.display import display

place = widgets.Output()
button = widgets.Button(description="Map")


def show(_):
    from ipyleaflet import Map, Marker

    marker = Marker(location=(50, 10), draggable=False)
    marker.on_click(lambda **event: print("marker at", event["coordinates"]))
    with place:
        display(Map(center=(50, 10), zoom=5, layers=(marker,)))


button.on_click(show)
display(button, place)

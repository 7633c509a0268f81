"""A map in GeoJSON, and one with more places."""

import ipywidgets as widgets
from IPython.display import GeoJSON, display

PLACES = {"Oslo": [10.75, 59.91], "Rome": [12.5, 41.9], "Paris": [2.35, 48.86]}
SQUARE = [[[0, 40], [20, 40], [20, 60], [0, 60], [0, 40]]]


def feature(name, kind, coordinates):
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": kind, "coordinates": coordinates}}


def shown(names):
    features = [feature("area", "Polygon", SQUARE), *(feature(name, "Point", PLACES[name]) for name in names)]
    return GeoJSON({"type": "FeatureCollection", "features": features})


out = widgets.Output()
with out:
    display(shown(["Oslo", "Rome"]))


def more(_):
    out.clear_output(wait=True)
    with out:
        display(shown(PLACES))


button = widgets.Button(description="Paris")
button.on_click(more)
display(out, button)

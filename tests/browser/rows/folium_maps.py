"""A map of folium, whose pages expect Leaflet and more from elsewhere."""

import folium
import ipywidgets as widgets
from IPython.display import display


def town(places):
    shown = folium.Map(location=[48.2, 16.37], zoom_start=12, height=300)
    for name, place in places.items():
        folium.Marker(place, popup=name).add_to(shown)
    return shown


display(town({"Prater": [48.216, 16.395]}))
out = widgets.Output()
button = widgets.Button(description="More")


def more(_):
    with out:
        display(town({"Prater": [48.216, 16.395], "Dom": [48.208, 16.373]}))


button.on_click(more)
display(button, out)

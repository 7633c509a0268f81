"""A button, a slider and an output widget."""

import ipywidgets as widgets
from IPython.display import display

button = widgets.Button(description="Ring")
slider = widgets.IntSlider(value=3, max=10, description="Times")
bell = widgets.Output()


def ring(_):
    with bell:
        print("ding " * slider.value)


button.on_click(ring)
display(slider, button, bell)

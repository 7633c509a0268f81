"""The widgets of each run have other ids."""

import os

import ipywidgets as widgets
from IPython.display import display

for _ in range(os.getpid() % 7):
    widgets.Label("one more")
slider = widgets.IntSlider(value=1, max=9)
slider.observe(lambda change: print("now", change["new"]), "value")
display(slider)

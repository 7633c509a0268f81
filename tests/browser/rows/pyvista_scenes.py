"""Scenes of PyVista: as a picture, and as HTML with its own viewer."""

import ipywidgets as widgets
import pyvista as pv
from IPython.display import display

pv.OFF_SCREEN = True
pv.set_jupyter_backend("static")


def cone(colour):
    plotter = pv.Plotter(window_size=[300, 200], notebook=True)
    plotter.add_mesh(pv.Cone(), color=colour)
    return plotter


cone("red").show()

# %% html
cone("red").show(jupyter_backend="html")

# %% again
out = widgets.Output()
button = widgets.Button(description="Blue")


def blue(_):
    with out:
        cone("blue").show()


button.on_click(blue)
display(button, out)

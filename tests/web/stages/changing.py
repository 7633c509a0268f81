"""Each run is another one."""

import os
import time

import ipywidgets as widgets
from IPython.display import display

slider = widgets.IntSlider(value=os.getpid() % 100, max=100)
label = widgets.Label(str(time.time_ns()))

# %% always
print("the same")

# %% never
print(time.time_ns())

# %% widgets
display(slider, label)
slider.observe(lambda change: print("now", change["new"]), "value")

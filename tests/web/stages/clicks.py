"""MARK-clicks: a button that counts."""

import ipywidgets as widgets
from IPython.display import display

# MARK-clicks: a comment of the script
button = widgets.Button(description="click me")
output = widgets.Output()
slider = widgets.IntSlider(value=3, description="n")
count = 0


def clicked(_):
    global count
    count += 1
    with output:
        print(f"click {count}")


def moved(change):
    print(f"moved to {change['new']}")


button.on_click(clicked)
slider.observe(moved, "value")

# %% controls
display(button, output)

# %% slider
display(slider)

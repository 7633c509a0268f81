"""Displays that another cell and callbacks change."""

import ipywidgets as widgets
from IPython.display import HTML, display, update_display

# %% first
display(HTML("<b>before</b>"), display_id="shared")
handle = display("count 0", display_id=True)

# %% second
update_display(HTML("<b>from another cell</b>"), display_id="shared")
button = widgets.Button(description="Count")
count = 0


def clicked(_):
    global count
    count += 1
    handle.update(f"count {count}")
    update_display(HTML(f"<b>from callback {count}</b>"), display_id="shared")


button.on_click(clicked)
display(button)

import ipywidgets as widgets
from IPython.display import display

import stagedoor

button = widgets.Button(description="who")
slider = widgets.IntSlider(max=10)


def who(_):
    print("visitor:", stagedoor.visitor.id, stagedoor.visitor.name, stagedoor.visitor.params)


button.on_click(who)
slider.observe(lambda change: print("max", slider.max), "max")
display(button, slider)

"""Shows what its visitor types in every place where the library means text, and runs scripts of its own."""

import ipywidgets as widgets
from IPython.display import HTML, Javascript, display

field = widgets.Text(description="say")
label = widgets.Label("-")
button = widgets.Button(description="-")
menu = widgets.Dropdown(options=["-"])
ticks = widgets.ToggleButtons(options=["-"])
tags = widgets.TagsInput(value=[], allow_duplicates=True)
slider = widgets.IntSlider(description="-", max=10)
valid = widgets.Valid(readout="-")
tabs = widgets.Tab([widgets.Label("inside")], titles=["-"])
area = widgets.Textarea()
cleaned = widgets.HTML("<b>bold</b><img src=x onerror='window.ran=1'>")
picker = widgets.ColorPicker(value="red")
date = widgets.DatePicker(description="date")
play = widgets.Play(max=3)


def echo(change):
    text = change["new"]
    print(text)
    label.value = button.description = slider.description = valid.readout = area.value = text
    button.tooltip = label.placeholder = text
    menu.options = ticks.options = [text]
    tags.value = [text]
    tabs.titles = [text]
    field.description = text
    display({"text/plain": text}, raw=True)


field.observe(echo, "value")
display(field, label, button, menu, ticks, tags, slider, valid, tabs, area, cleaned, picker, date, play)
display(HTML("<p style='color: green'>styled</p><script>window.ran = 2</script><svg onload='window.ran=3'></svg>"))
display(Javascript("window.ran = 4"))

"""What the core shows: widgets and outputs that need nothing of a page's policy."""

import ipywidgets as widgets
from IPython.display import HTML, Latex, Markdown, display

field = widgets.Text(description="say")
label = widgets.Label("-")
field.observe(lambda change: setattr(label, "value", change["new"]), "value")
more = [
    widgets.IntSlider(),
    widgets.ColorPicker(value="red"),
    widgets.DatePicker(),
    widgets.Play(max=3),
    widgets.Button(icon="check"),
]
tabs = widgets.Tab([widgets.HTML("<b>bold</b>"), widgets.HTMLMath("$x^2$")], titles=["a", "b"])
display(field, label, widgets.VBox(more, layout={"border": "1px solid", "width": "20em"}), tabs)
display(HTML("<p style='color: green'>styled</p>"), Markdown("**strong** $y$"), Latex("$z$"))
print("\x1b[31mred\x1b[0m")

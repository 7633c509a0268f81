"""Every core widget and the usual outputs, to be looked at."""

import ipywidgets as widgets
import pandas as pd
from IPython.display import JSON, Markdown, Math, display

# %% fields
display(
    widgets.VBox(
        [
            widgets.IntSlider(value=30, description="Slider"),
            widgets.FloatRangeSlider(value=(2.0, 6.0), max=10, description="Range"),
            widgets.BoundedIntText(value=7, description="Number"),
            widgets.Text(value="words", description="Text"),
            widgets.Textarea(value="more\nwords", description="Area"),
            widgets.Combobox(value="b", options=["a", "b"], description="Combo"),
            widgets.Dropdown(options=["one", "two"], description="Choice"),
            widgets.Select(options=["red", "green", "blue"], rows=3, description="List"),
            widgets.RadioButtons(options=["left", "right"], description="Radio"),
            widgets.Checkbox(value=True, description="Check"),
            widgets.Valid(value=True, description="Valid"),
            widgets.DatePicker(description="Date"),
            widgets.ColorPicker(value="#3366cc", description="Colour"),
            widgets.TagsInput(value=["tag", "other"]),
            widgets.FileUpload(),
        ]
    )
)

# %% buttons
display(
    widgets.HBox(
        [
            widgets.Button(description="Plain", icon="check"),
            widgets.Button(description="Primary", button_style="primary"),
            widgets.Button(description="Danger", button_style="danger"),
            widgets.ToggleButton(value=True, description="Toggle"),
        ]
    ),
    widgets.ToggleButtons(options=["day", "week", "year"], description="Span"),
    widgets.Play(),
    widgets.IntProgress(value=40, description="Progress"),
)

# %% containers
tab = widgets.Tab([widgets.Label("first page"), widgets.Label("second page")], titles=["One", "Two"])
accordion = widgets.Accordion([widgets.Label("inside"), widgets.Label("hidden")], titles=["Open", "Closed"])
accordion.selected_index = 0
display(tab, accordion)

# %% outputs
display(pd.DataFrame({"planet": ["Earth", "Mars"], "moons": [1, 2]}))
display(Markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\nWords with `code` and $x^2$.\n\n```\nblock of code\n```"))
display(Math(r"\frac{a}{b} = \sqrt{c}"))
display(JSON({"name": "Ada", "born": 1815}))
print("plain, \x1b[31mred\x1b[0m, \x1b[32mgreen\x1b[0m, \x1b[34mblue\x1b[0m")

"""ipyvuetify: a button, a slider, and a template of the app's own."""

import ipyvuetify as v
import traitlets


class Greeting(v.VuetifyTemplate):
    name = traitlets.Unicode("you").tag(sync=True)

    @traitlets.default("template")
    def _template(self):
        return "<template><div class='matrix-greeting'>Hello {{ name }}</div></template>"


greeting = Greeting()
button = v.Btn(color="primary", children=["Press me"])


def pressed(widget, event, data):
    print("pressed")
    greeting.name = "Python"


button.on_event("click", pressed)
v.Container(children=[button, greeting])

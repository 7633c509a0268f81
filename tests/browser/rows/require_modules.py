"""HTML that asks RequireJS for modules, as packages made it for the classic notebook."""

import ipywidgets as widgets
import plotly.graph_objects as go
from IPython.display import HTML, Javascript, display

BLUE = "rgb(1, 2, 3)"
figure = go.Figure(go.Bar(y=[1, 2, 3]), layout={"height": 250})

display(HTML("<p id='module'></p><p id='umd'></p><div id='chart'></div>"))
display(
    HTML(
        "<script>define('mine', [], () => 'a module');"
        "require(['mine'], (mine) => { document.getElementById('module').textContent = mine; });</script>"
        "<script>document.getElementById('umd').textContent = typeof define;</script>"
    )
)
display(
    HTML(
        "<script>require.config({ paths: { plotly: ['https://cdn.plot.ly/plotly-2.35.2.min'] } });"
        f"require(['plotly'], (Plotly) => Plotly.newPlot('chart', {figure.to_json()}));</script>"
    )
)

button = widgets.Button(description="Colour")
out = widgets.Output()


def colour(_):
    with out:
        display(
            Javascript("require(['plotly'], (Plotly) => Plotly.restyle('chart', { 'marker.color': 'rgb(1, 2, 3)' }))")
        )


button.on_click(colour)
display(button, out)

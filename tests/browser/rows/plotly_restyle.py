"""A plain figure that a script restyles, as pages did that knew no live figures."""

import ipywidgets as widgets
import plotly.graph_objects as go
from IPython.display import HTML, display

go.Figure(go.Scatter(y=[1, 3, 2], mode="markers"), layout={"height": 250}).show()

# %% control
slider = widgets.IntSlider(value=1, min=1, max=5, description="Top")
script = widgets.Output()


def restyle(change):
    script.clear_output()
    with script:
        display(
            HTML(
                "<script>var graph = document.getElementsByClassName('plotly-graph-div')[0];"
                f"(window._Plotly || Plotly).restyle(graph, {{y: [[1, 3, 2, {change['new']}]]}})</script>"
            )
        )


slider.observe(restyle, "value")
display(slider, script)

"""A Vega-Lite chart of Altair, with a selection, and another one for each choice."""

import altair as alt
import pandas as pd
from IPython.display import display
from ipywidgets import interact

data = pd.DataFrame({"x": range(8), "y": [3, 1, 4, 1, 5, 9, 2, 6], "kind": list("aabbaabb")})


@interact(least=(0, 5))
def bars(least=0):
    brush = alt.selection_interval(encodings=["x"])
    chart = alt.Chart(data[data.y > least]).mark_bar().encode(x="x:O", y="y:Q", color="kind:N").add_params(brush)
    display(chart.properties(width=300, height=200))

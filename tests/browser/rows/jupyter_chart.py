"""Altair's JupyterChart: a chart whose selection Python knows."""

import altair as alt
import pandas as pd

data = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 4, 3, 1, 5]})
brush = alt.selection_interval(name="brush", encodings=["x"])
chart = alt.JupyterChart(alt.Chart(data).mark_point(size=200).encode(x="a:Q", y="b:Q").add_params(brush))
chart.selections.observe(lambda change: print("brushed", sorted(change.new.value)), "brush")
chart

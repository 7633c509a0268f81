"""A styled data frame."""

import pandas as pd
from IPython.display import display
from ipywidgets import interact

scores = pd.DataFrame({"one": [1, 2, 3], "two": [3.5, 1.5, 2.5]}, index=["a", "b", "c"])


@interact(column=["one", "two"])
def highlight(column="one"):
    display(scores.style.highlight_max(subset=[column], color="#ffd54f").format(precision=1).set_caption("Scores"))

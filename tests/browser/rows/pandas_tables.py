"""A data frame, and a choice of its rows."""

import pandas as pd
from IPython.display import display
from ipywidgets import interact

planets = pd.DataFrame(
    {"planet": ["Mercury", "Venus", "Earth", "Mars"], "moons": [0, 0, 1, 2], "mass": [0.055, 0.815, 1.0, 0.107]}
).set_index("planet")


@interact(moons=(0, 2))
def with_moons(moons=0):
    display(planets[planets.moons >= moons])

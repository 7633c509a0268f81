# %% data
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from ipywidgets import IntSlider, Output

steps = np.random.default_rng(7).normal(size=100_000)
walk = pd.Series(steps).cumsum()

# %% figure
window = IntSlider(description="Window", min=1, max=2000, value=100)
figure = Output()


@figure.capture(clear_output=True, wait=True)
def draw(_=None):
    _, axes = plt.subplots(figsize=(7, 3.5))
    axes.plot(walk.rolling(window.value).mean())
    axes.set_title(f"Mean of {window.value} steps")
    plt.show()


window.observe(draw, "value")
draw()
display(window, figure)

"""A figure that is drawn again for each value of a slider."""

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact

x = np.linspace(0, 10, 200)


@interact(frequency=(1, 5))
def wave(frequency=1):
    plt.figure(figsize=(4, 3))
    plt.plot(x, np.sin(frequency * x))
    plt.show()

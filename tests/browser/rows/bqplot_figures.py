"""bqplot: bars that tell which one was clicked, and that Python redraws."""

import bqplot.pyplot as plt
import numpy as np

x = np.arange(6)
figure = plt.figure(title="Squares")
bars = plt.bar(x, x**2 + 1)


def clicked(mark, event):
    print("bar", event["data"]["x"])
    bars.y = bars.y[::-1]


bars.on_element_click(clicked)
plt.show()

"""ipympl: a live matplotlib figure, its toolbar, and mouse events in Python."""

%matplotlib widget
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(5, 3))
axes.plot([0, 1, 2], [0, 1, 0])


figure.canvas.mpl_connect("button_press_event", lambda event: print("pressed in the axes:", event.inaxes is axes))


def changed(axes):
    left, right = axes.get_xlim()
    print("zoomed" if right - left < 1.5 else "moved" if left < -0.2 else "as it was")


axes.callbacks.connect("xlim_changed", changed)
plt.show()

"""ipympl: a live matplotlib figure, its toolbar, and mouse events in Python."""

%matplotlib widget
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(5, 3))
axes.plot([0, 1, 2], [0, 1, 0])


figure.canvas.mpl_connect("button_press_event", lambda event: print("pressed in the axes:", event.inaxes is axes))
axes.callbacks.connect("xlim_changed", lambda axes: print("range", "moved" if axes.get_xlim()[0] < -0.2 else "other"))
plt.show()

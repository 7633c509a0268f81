"""K3D: points whose camera Python follows."""

import k3d
import numpy as np

points = np.random.default_rng(0).random((100, 3)).astype("float32")
plot = k3d.plot(height=300)
plot += k3d.points(points, point_size=0.1, color=0xFF0000)
plot.observe(lambda change: print("camera moved"), "camera")
plot

"""How the examples' matplotlib figures look: nothing behind them, colours that read on paper and on a dark page alike.

Backstage only: visitors get the pictures that this makes, and never this file.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Picture

TEXT = "#767c84"
LINE = "#80868d55"
EMBER = "#e8590c"
SKY = "#4389c9"

CSS_PIXELS_PER_INCH = 96
DEVICE_PIXELS_PER_CSS_PIXEL = 2


def new_figure(width: int, height: int) -> Figure:
    """An empty, transparent figure; its size in CSS pixels."""
    return Figure(
        figsize=(width / CSS_PIXELS_PER_INCH, height / CSS_PIXELS_PER_INCH),
        dpi=CSS_PIXELS_PER_INCH * DEVICE_PIXELS_PER_CSS_PIXEL,
        facecolor="none",
    )


def plain(axes: Axes, *, title: str = "", grid: bool = True) -> None:
    """Takes away the frame of the axes and quietens what is left."""
    axes.set_facecolor("none")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=TEXT, labelsize=10.5, length=0, pad=6)
    # Fixed places for the title and the (absent) labels: else each drawing looks for them, and takes a third longer.
    axes.set_title(title, loc="left", y=1.04, color=TEXT, fontsize=11)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_label_coords(0, 0)
    if grid:
        axes.grid(axis="y", color=LINE, linewidth=0.7)
        axes.set_axisbelow(True)


def show(figure: Figure, alt: str, *, shades: bool = False) -> None:
    """Displays the figure, sharp on dense screens; the rest is as in ``show_picture``."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    show_picture(Picture.fromarray(np.asarray(canvas.buffer_rgba())), alt, shades=shades)


def show_picture(picture: Picture.Image, alt: str, *, shades: bool = False) -> None:
    """Displays a picture that has pixels enough for a dense screen; ``alt`` says in words what it shows.

    A figure of lines has few colours: 256 of them take a quarter of the bytes, and less time to pack. ``shades``
    keeps all of them, for a figure whose colours flow into each other.
    """
    if not shades:
        picture = picture.quantize(256, method=Picture.Quantize.FASTOCTREE)
    png = BytesIO()
    picture.save(png, "png", compress_level=3)
    width, height = (side // DEVICE_PIXELS_PER_CSS_PIXEL for side in picture.size)
    display(Image(png.getvalue(), width=width, height=height, alt=alt))

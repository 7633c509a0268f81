"""ipycanvas: what the script has drawn, and what a click adds."""

from ipycanvas import Canvas

canvas = Canvas(width=200, height=150)
canvas.fill_style = "rgb(0, 128, 128)"
canvas.fill_rect(0, 0, 200, 150)


def down(x, y):
    print("down at", round(x), round(y))
    canvas.fill_style = "rgb(255, 165, 0)"
    canvas.fill_rect(0, 0, 200, 150)


canvas.on_mouse_down(down)
canvas

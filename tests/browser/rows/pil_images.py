"""Pictures of PIL."""

from IPython.display import display
from ipywidgets import interact
from PIL import Image


@interact(colour=["red", "green"])
def patch(colour="red"):
    display(Image.new("RGB", (80, 50), colour))

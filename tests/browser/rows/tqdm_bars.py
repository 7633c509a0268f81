"""Progress bars of tqdm: the notebook's and the terminal's."""

import sys
import time

import ipywidgets as widgets
from IPython.display import display
from tqdm import tqdm as tqdm_text
from tqdm.notebook import tqdm

for _ in tqdm(range(3), desc="First"):
    pass
for _ in tqdm_text(range(4), desc="Text", file=sys.stdout):
    pass

out = widgets.Output()
button = widgets.Button(description="Again")


def again(_):
    with out:
        for _ in tqdm(range(5), desc="Second"):
            time.sleep(0.02)


button.on_click(again)
display(button, out)

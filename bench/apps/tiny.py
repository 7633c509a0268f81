# %% button
from itertools import count

from IPython.display import display
from ipywidgets import Button, Output

button = Button(description="Click me")
output = Output()
clicks = count(1)


@output.capture(clear_output=True, wait=True)
def on_click(_):
    print(f"click {next(clicks)}")


button.on_click(on_click)
display(button, output)

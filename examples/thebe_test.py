# Backstage only: the visitor gets the button and what it prints, and never this file.
from IPython.display import display
from ipywidgets import Button, Output

button = Button(description="Click me")
output = Output()


@output.capture()
def on_click(_: Button) -> None:
    print("click")


button.on_click(on_click)
display(button, output)

import ipywidgets as widgets
from IPython.display import display

raise_ = widgets.Button(description="raise")
die = widgets.Button(description="die")
captured = widgets.Output()
capture = widgets.Button(description="raise in Output")


def fail(_):
    secret_value = "MARK-fails"
    raise ValueError(f"wrong {secret_value}")


def end(_):
    import os

    os._exit(3)


@captured.capture()
def fail_captured(_):
    raise KeyError("MARK-fails")


raise_.on_click(fail)
die.on_click(end)
capture.on_click(fail_captured)
display(raise_, die, capture, captured)

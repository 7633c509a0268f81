"""Files for the visitor, one written by the app, and another one for each press of a button."""

from pathlib import Path
from tempfile import mkdtemp

import ipywidgets as widgets
from IPython.display import FileLink, display

folder = Path(mkdtemp())
report = folder / "report.csv"
report.write_text("year,ppm\n1958,315.7\n")
display(FileLink(report))

out = widgets.Output()
button = widgets.Button(description="Newer")


def newer(_):
    report.write_text("year,ppm\n2024,424.6\n")
    with out:
        display(FileLink(report))


button.on_click(newer)
display(button, out)

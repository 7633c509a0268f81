"""Tables and colours of rich."""

from ipywidgets import interact
from rich.jupyter import print as rich_print
from rich.table import Table


@interact(rows=(1, 4))
def table(rows=1):
    shown = Table(title="Stars")
    shown.add_column("star", style="cyan")
    for n in range(rows):
        shown.add_row(f"star {n}")
    rich_print(shown, "[bold red]warm[/]")

"""ipydatagrid: a cell that is clicked."""

import pandas as pd
from ipydatagrid import DataGrid

people = pd.DataFrame({"name": ["Ann", "Bob", "Cy"], "age": [31, 42, 53]})
grid = DataGrid(people, selection_mode="cell", layout={"height": "160px"})
grid.on_cell_click(lambda event: print("cell", event["row"], event["column"], event["cell_value"]))
grid

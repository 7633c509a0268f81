"""itables: a table to sort and search, whose selected rows Python knows."""

import pandas as pd
from itables.widget import ITable

cities = pd.DataFrame({"city": ["Oslo", "Rome", "Lima"], "people": [7, 28, 100]})
table = ITable(cities, select=True)
table.observe(lambda change: print("selected", change.new), "selected_rows")
table

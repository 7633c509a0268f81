"""What scikit-learn, xarray, polars and great_tables show of their objects."""

import numpy as np
import polars as pl
import xarray as xr
from great_tables import GT
from IPython.display import display
from ipywidgets import interact
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

display(make_pipeline(StandardScaler(), Ridge(alpha=0.5)))

# %% xarray
display(xr.DataArray(np.arange(6).reshape(2, 3), dims=("row", "column"), name="grid", attrs={"unit": "m"}))

# %% polars
frame = pl.DataFrame({"city": ["Oslo", "Rome"], "people": [0.7, 2.8]})


@interact(n=(1, 2))
def head(n=1):
    display(frame.head(n))


# %% great_tables
display(GT(frame).tab_header(title="Cities"))

"""Kernels of a Jupyter server: started by its REST API, spoken to over its websockets."""

"""Where kernels come from, and how an app is performed in one."""

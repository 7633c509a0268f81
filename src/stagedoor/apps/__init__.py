"""What is published: the files of an operator, read into apps."""

from .app import App, AppCell, AppsError, BrokenApp
from .discover import discover

__all__ = ["App", "AppCell", "AppsError", "BrokenApp", "discover"]

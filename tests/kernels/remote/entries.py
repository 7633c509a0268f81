"""Apps that live on a Jupyter server."""

from __future__ import annotations

from stagedoor.apps.app import App
from stagedoor.apps.discover import discover


def entry(code: str) -> App:
    """The app of an entry."""
    (app,) = discover([], {"app": code})
    assert isinstance(app, App)
    return app

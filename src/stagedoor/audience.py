"""Who an app plays for. It imports nothing of Stagedoor: kernels get its text (see ``kernels.prelude``)."""

from __future__ import annotations

from typing import Any


class Visitor:
    """The visitor of this session, as the embedding site's token says; empty without one, and in an app's first run.

    Attributes:
        id: the site's id of the visitor.
        name: the visitor's name.
        params: what else the site says.
    """

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.params: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Visitor(id={self.id!r}, name={self.name!r}, params={self.params!r})"


visitor = Visitor()

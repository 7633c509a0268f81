"""What an app's author has decided about its visitors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which visitors use an app."""

    opened: frozenset[str] = frozenset()
    """Traits that visitors may set beyond the rules of the gate, as ``IntSlider.max`` (docs/door.md)."""
    token: bool = False
    """Whether visitors need an embed token."""
    scripts: bool = True
    """Whether the app's HTML and JavaScript outputs run in the page."""

"""What an operator can set about the kernels of an app."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from .canary import Canary
from .confinement import Folder
from .limits import Limits

Snapshot = Literal["auto", "imports", "never"]


@dataclass(frozen=True, slots=True)
class ForkOptions:
    """What an operator can set about forked kernels."""

    snapshot: Snapshot = "auto"
    """``auto``: after the run where that suits the app; ``imports``: after the imports only; ``never``: no forks."""
    canary: Canary = "cells"
    settle: float = 0.0
    """Seconds for which the app's own tasks run on before it is forked."""
    limits: Limits = field(default_factory=Limits)
    folder: Folder = "auto"
    """Whether each session has the app's folder for itself: where that is possible, or else no kernel, or not."""

    def with_own_folder(self, folder: Path) -> ForkOptions:
        """The same, with the app's folder for each session itself."""
        return replace(self, limits=replace(self.limits, folder=str(folder)))

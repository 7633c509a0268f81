"""What has been found out about an app, so that the next start need not find it out again."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

from ...apps.app import App

_KEPT = 1000


class Remembered:
    """Reasons why apps of some versions, with the packages that are installed, are not forked.

    Reasons against a fork after the run (``rehearsed``) and after the imports are kept apart.

    Args:
        file: where they are kept; by default in the user's cache.
    """

    def __init__(self, file: Path | None = None) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._file = file or cache / "stagedoor" / "forks.json"
        packages = sorted(f"{found.name} {found.version}" for found in importlib.metadata.distributions())
        self._environment = f"{sys.version}\n" + "\n".join(packages)

    def reason(self, app: App, *, rehearsed: bool) -> str | None:
        """Why this app is not forked; None when nothing is known against it."""
        reason = self._read().get(self._key(app, rehearsed))
        return reason if isinstance(reason, str) else None

    def remember(self, app: App, reason: str, *, rehearsed: bool) -> None:
        """Keeps the reason, if it can be written."""
        known = self._read()
        known[self._key(app, rehearsed)] = reason
        kept = dict(list(known.items())[-_KEPT:])
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(kept, indent=1))
            fresh.replace(self._file)

    def _read(self) -> dict[str, object]:
        try:
            known = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _key(self, app: App, rehearsed: bool) -> str:
        return hashlib.sha256(f"{app.version}\n{rehearsed}\n{self._environment}".encode()).hexdigest()[:32]

"""The limit for a first output: a finished page of the same bytes, from the same kind of server."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from ..memory import settled, tree
from ..process import Server

_PORT = 9245

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The same, static</title>
<link rel="icon" href="data:,">
{before}
{output}
</html>
"""


@dataclass(frozen=True)
class Snapshot:
    """What a browser had when it showed a page's first output.

    Attributes:
        output: the shown markup, with the pictures in it.
        bodies: what it had got from the server for it, decoded.
    """

    output: str
    bodies: list[bytes]


class StaticPages:
    """`/bytes`: one document of all the bytes, with the output at its end; `/picture`: the output alone."""

    def __init__(self, snapshot: Snapshot, work: Path) -> None:
        folder = work / "static"
        folder.mkdir(exist_ok=True)
        # Every "<" is replaced, so that nothing in the bytes ends the inert script that they are in.
        ballast = b"\n".join(snapshot.bodies).decode("latin-1").replace("<", ";")
        before = f'<script type="text/plain">{ballast}</script>'
        (folder / "bytes").write_text(_PAGE.format(before=before, output=snapshot.output))
        (folder / "picture").write_text(_PAGE.format(before="", output=snapshot.output))
        command: list[str | Path] = [sys.executable, "-m", "bench.peers.static_server", folder, str(_PORT)]
        self._server = Server(command, {}, Path(__file__).parent.parent.parent, work / "static.log")

    @property
    def bytes_page(self) -> str:
        """The page of the same bytes."""
        return f"http://127.0.0.1:{_PORT}/bytes"

    @property
    def picture_page(self) -> str:
        """The page with the same output and nothing else."""
        return f"http://127.0.0.1:{_PORT}/picture"

    async def start(self) -> None:
        """Waits until the pages are served."""
        await self._server.ready(_PORT, "/picture")
        await settled(lambda: tree(self._server.pid))

    async def stop(self) -> None:
        """Ends the server."""
        await self._server.stop()

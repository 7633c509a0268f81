"""Serves the files of a folder as finished pages, with what Stagedoor's gateway is made of: Starlette on uvicorn.

Usage: python -m bench.peers.static_server FOLDER PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

import brotli
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def _route(path: Path) -> Route:
    plain = path.read_bytes()
    compressed = brotli.compress(plain)

    async def page(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": f'"{path.name}"', "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if "br" in request.headers.get("accept-encoding", ""):
            return Response(compressed, media_type="text/html", headers=headers | {"Content-Encoding": "br"})
        return Response(plain, media_type="text/html", headers=headers)

    return Route(f"/{path.name}", page)


if __name__ == "__main__":
    routes = [_route(path) for path in sorted(Path(sys.argv[1]).iterdir())]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[2]), log_config=None, access_log=False, server_header=False)

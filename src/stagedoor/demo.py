"""The demonstration: the examples, and a static page of another origin that embeds them."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

_WRITTEN_ADDRESS = b"http://127.0.0.1:8900"


def examples_folder() -> Path:
    """The folder of the examples: in the installed package, or in the checkout."""
    package = Path(__file__).parent
    installed = package / "examples"
    return installed if installed.is_dir() else package.parents[1] / "examples"


def demo_site(gateway: str) -> Starlette:
    """The static site of the examples, with the gateway's address as it is here (``http://host:port``)."""
    folder = examples_folder() / "site"

    async def page(request: Request) -> Response:
        name = request.url.path.strip("/") or "index.html"
        text = (folder / name).read_bytes().replace(_WRITTEN_ADDRESS, gateway.encode())
        return Response(text, media_type="text/html")

    pages = [Route(f"/{path.name}", page) for path in sorted(folder.glob("*.html"))]
    return Starlette(routes=[Route("/", page), *pages, Mount("/", StaticFiles(directory=folder))])

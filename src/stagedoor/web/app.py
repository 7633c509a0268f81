"""The ASGI application: nothing is served but the routes below."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
from collections.abc import Collection

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from ..door.stage import Recorded, Stage
from ..door.tokens import NotAdmitted
from ..jupyter.framing import PROTOCOL
from .gateway import Gateway, address_of
from .hosts import KnownHosts
from .live import serve_live
from .responses import Problem, encoded_response

log = structlog.get_logger("stagedoor.web")

_RECORDING = "application/vnd.stagedoor.recording"
_TURNED_AWAY_AFTER = 1.0
"""Seconds: who comes too often is not let go at once, to come again."""
_IMMUTABLE = "public, max-age=31536000, immutable"
_STYLE = "body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem }"
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="stagedoor-page">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
{hints}<script type="module" src="../stagedoor.js"></script>
<stage-door app="{name}"{token}>Loading…</stage-door>
<noscript>This page needs JavaScript.</noscript>
"""


_STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; "
    f"font-src 'self' data:; frame-src blob:; style-src 'self' 'sha256-{_STYLE_HASH}'; style-src-attr 'unsafe-inline'"
)
"""Widgets and outputs of the core need no more; the style attributes are those of tables in HTML outputs."""


def create_app(gateway: Gateway, *, root_path: str = "", hosts: Collection[str] = ()) -> ASGIApp:
    """The application.

    Args:
        gateway: what is served.
        hosts: the names under which it answers; none: all.
        root_path: the prefix under which a proxy shows the gateway, such as ``/live``; the proxy may cut it off or not.
    """
    routes = _Routes(gateway)
    app = Starlette(
        routes=[
            Route("/stagedoor.js", routes.element),
            Route("/assets/{path:path}", routes.asset),
            Route("/apps/{name}", routes.page),
            Route("/apps/{name}/recording", routes.recording),
            WebSocketRoute("/apps/{name}/live", routes.live),
            Route("/healthz", routes.health),
            Route("/metrics", routes.metrics),
        ],
        exception_handlers={Problem: _problem, HTTPException: _http_exception, Exception: _unexpected},
    )
    app.router.redirect_slashes = False
    if hosts:
        app.add_middleware(KnownHosts, names=hosts)
    return _Prefixed(app, root_path.rstrip("/")) if root_path.strip("/") else app


class _Routes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def element(self, request: Request) -> Response:
        return await self._asset(request, "stagedoor.js", "no-cache")

    async def asset(self, request: Request) -> Response:
        return await self._asset(request, f"assets/{request.path_params['path']}", _IMMUTABLE)

    async def _asset(self, request: Request, path: str, caching: str) -> Response:
        found = await self._gateway.assets.find(path)
        if found is None:
            raise Problem(404, "not_found", "There is nothing at this address.")
        # The element's code is no secret, and a module script of another origin is fetched with CORS always.
        headers = {
            "Cache-Control": caching,
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return encoded_response(request.headers, *found, headers)

    async def page(self, request: Request) -> Response:
        stage = self._gateway.stage(request)
        name, title = html.escape(stage.name), html.escape(stage.title)
        token = request.query_params.get("token")
        given = f' token="{html.escape(token)}"' if token else ""
        headers = {
            "Content-Security-Policy": self._policy(stage),
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            # The page's address may hold a token.
            "Referrer-Policy": "no-referrer" if token else "strict-origin-when-cross-origin",
        }
        page = _PAGE.format(name=name, title=title, token=given, style=_STYLE, hints=self._hints(stage))
        return HTMLResponse(page, headers=headers)

    def _policy(self, stage: Stage) -> str:
        """What the app's own page may do. Where the app's scripts do not run, no other than ours does."""
        ancestors = " ".join(["'self'", *sorted(self._gateway.origins.allowed)])
        frames = f"frame-ancestors {ancestors}"
        return frames if stage.terms.scripts else f"{_STRICT}; base-uri 'none'; form-action 'none'; {frames}"

    def _hints(self, stage: Stage) -> str:
        """Lets the browser fetch at once what the element will ask for, one after the other."""
        if stage.recorded is None or stage.terms.token:
            return ""
        recording = f'<link rel="preload" as="fetch" crossorigin href="{html.escape(stage.name)}/recording">\n'
        chunks = self._gateway.assets.widget_chunks if stage.recorded.transcript.comms else []
        return recording + "".join(f'<link rel="modulepreload" href="../{chunk}">\n' for chunk in chunks)

    async def recording(self, request: Request) -> Response:
        origin = self._gateway.check_origin(request)
        headers = {"Vary": "Origin, Accept-Encoding"}
        if origin is not None:
            headers |= {"Access-Control-Allow-Origin": origin}
        try:
            recorded = self._recorded_for(request)
        except Problem as problem:
            problem.headers |= headers | {"Access-Control-Expose-Headers": "Retry-After"}
            raise
        headers["Cache-Control"] = "public, max-age=10, stale-while-revalidate=600"
        if self._gateway.dev or recorded.terms.token:
            headers["Cache-Control"] = "private, no-cache"
        # Another site reads it by CORS or not at all; one that is in no page's list does not get it as an image either.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if origin is not None else "same-origin"
        return encoded_response(request.headers, recorded.body, _RECORDING, headers)

    def _recorded_for(self, request: Request) -> Recorded:
        try:
            self._gateway.check_token(request, self._gateway.stage(request))
        except NotAdmitted as refusal:
            raise Problem(401 if refusal.code == "token_missing" else 403, refusal.code, refusal.sentence) from None
        return self._gateway.recorded(request)

    async def live(self, websocket: WebSocket) -> None:
        try:
            self._gateway.check_origin(websocket)
            recorded = self._gateway.recorded(websocket, websocket.query_params.get("generation"))
            if PROTOCOL not in websocket.scope.get("subprotocols", []):
                raise Problem(400, "subprotocol", f"The live connection speaks the subprotocol {PROTOCOL}.")
        except Problem as problem:
            await websocket.send_denial_response(problem.response(websocket))
            return
        with self._gateway.crowd.connection(address_of(websocket)) as address:
            if address is not None:
                await serve_live(websocket, self._gateway, recorded, address)
                return
        self._gateway.figures.refused("connections_per_address")
        await asyncio.sleep(_TURNED_AWAY_AFTER)
        full = Problem(429, "too_many_connections", "There are too many connections from your network.")
        await websocket.send_denial_response(full.response(websocket))

    async def health(self, request: Request) -> Response:
        states = {"ready": 0, "failed": 0, "preparing": 0}
        for stage in self._gateway.stages.values():
            state = "ready" if stage.recorded else "failed" if stage.failure else "preparing"
            states[state] += 1
        return JSONResponse({"apps": states}, 503 if states["preparing"] else 200, {"Cache-Control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        text = generate_latest(self._gateway.figures.registry)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return error.response(request)


async def _http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:
        problem = Problem(405, "method", "This address does not take this method.", {"Allow": "GET, HEAD"})
    else:
        problem = Problem(error.status_code, "not_found", "There is nothing at this address.")
    return problem.response(request)


async def _unexpected(request: Request, error: Exception) -> Response:
    answer = Problem(500, "internal", "Something went wrong on the server.").response(request)
    log.error("an error of Stagedoor itself", path=request.url.path, exc_info=error)
    return answer


class _Prefixed:
    """Serves under a prefix, whether the proxy in front cuts the prefix off or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            path: str = scope["path"]
            if not path.startswith(f"{self._prefix}/"):
                path = self._prefix + path
            scope = dict(scope) | {"path": path, "root_path": self._prefix}
        await self._app(scope, receive, send)

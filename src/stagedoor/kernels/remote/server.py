"""The REST API of a Jupyter server, as far as kernels need it, and the way to a kernel's websocket.

Nothing is listed, and nothing is touched but the kernels that were started here.
"""

from __future__ import annotations

import asyncio
import time
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from ...jupyter.framing import PROTOCOL
from ...jupyter.message import Json, decode_json, encode_json
from .access import Access, certificates
from .problems import KernelLost, ServerProblem, explain

log = structlog.get_logger("stagedoor.kernels")

MAX_MESSAGE = 128 * 2**20
"""Bytes of one message of a kernel."""

_LIMIT = 20.0
_SHORT_LIMIT = 5.0
_START_LIMIT = 120.0
_ENVIRONMENT = {"KERNEL_USERNAME": "stagedoor"}
"""Enterprise Gateway wants to know for whom a kernel is; a Jupyter server passes it over."""


class _Connect(connect):
    """A redirect is an answer like others: whoever follows it shows the token to somebody else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """See the base class."""
        return exc


class JupyterServer:
    """A client of one Jupyter server. Made in a running event loop."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._context = certificates(access.ca_file)
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=30)
        # What the environment says of proxies and passwords is not meant for this.
        self._client = httpx.AsyncClient(
            verify=self._context, cookies=no_cookies, limits=limits, follow_redirects=False, trust_env=False
        )
        self._away_since: float | None = None

    @property
    def url(self) -> str:
        """Its address, for the operator."""
        return self._access.url

    async def start_kernel(self, name: str, path: str = "") -> str:
        """A new kernel; returns its id.

        Args:
            name: of the server's kernelspec.
            path: of what it is for, on the server: its folder is the kernel's working folder.

        Raises:
            ServerProblem: it does not start.
        """
        wanted = {"name": name, "env": _ENVIRONMENT} | ({"path": path} if path else {})
        status, _, body = await self._ask("POST", "api", "kernels", json=wanted, limit=_START_LIMIT, errors={500, 501})
        if status >= 500:
            said = explain(self.url, status, {}, body)
            raise ServerProblem(
                f"{said[:-1]}, when asked for the kernel {name!r}: is kernels.kernel_name one that it has?"
            )
        model = self._object(body)
        if not isinstance(model.get("id"), str):
            raise self._note(ServerProblem(explain(self.url, 200, {}, body)))
        return str(model["id"])

    async def look_after(self, kernel_id: str) -> Json:
        """What the server knows of a kernel.

        Raises:
            KernelLost: it is not there any more.
            ServerProblem: the server does not answer as it should.
        """
        # A connection that is kept open may have been cut without a word: the next try opens another one.
        status, headers, body = await self._ask("GET", "api", "kernels", kernel_id, limit=_SHORT_LIMIT, errors={404})
        if status == 404:
            if "json" not in headers.get("content-type", ""):
                raise self._note(ServerProblem(explain(self.url, 404, headers, body)))
            raise KernelLost(
                "The Jupyter server has ended the kernel: it was idle for too long there, or it was restarted."
            )
        return self._object(body)

    async def interrupt(self, kernel_id: str) -> None:
        """Interrupts what the kernel executes.

        Raises:
            ServerProblem: that cannot be done now.
        """
        await self._ask("POST", "api", "kernels", kernel_id, "interrupt", errors={404})

    async def end_kernel(self, kernel_id: str) -> None:
        """Ends a kernel; one that is not there any more is no problem.

        Raises:
            ServerProblem: that cannot be done now.
        """
        status, headers, body = await self._ask("DELETE", "api", "kernels", kernel_id, errors={404, 500})
        if status == 500:  # it is just being restarted there, for one
            raise ServerProblem(explain(self.url, 500, headers, body))
        if status == 404 and "json" not in headers.get("content-type", ""):
            raise self._note(ServerProblem(explain(self.url, 404, headers, body)))

    async def notebook(self, path: str) -> bytes:
        """The JSON of a notebook on the server.

        Raises:
            ServerProblem: it cannot be had.
        """
        steps = ("api", "contents", *path.split("/"))
        status, _, body = await self._ask("GET", *steps, query={"type": "notebook", "content": "1"}, errors={400, 404})
        if status != 200:
            raise ServerProblem(
                f"There is no notebook {path!r} on the Jupyter server at {self.url}: correct the app's entry."
            )
        content = self._object(body).get("content")
        if not isinstance(content, dict):
            raise ServerProblem(
                f"{path!r} on the Jupyter server at {self.url} is no notebook: correct the app's entry."
            )
        return encode_json(content)

    async def connect(self, kernel_id: str, session_id: str) -> ClientConnection:
        """A kernel's websocket. Messages of the kernel that came while none of this session was open come first.

        Raises:
            ServerProblem: it cannot be had.
        """
        address = self._access.socket_address("api", "kernels", kernel_id, "channels", session_id=session_id)
        try:
            socket = await _Connect(
                address,
                additional_headers=self._access.headers(),
                subprotocols=[Subprotocol(PROTOCOL)],
                compression=None,
                ssl=self._context if address.startswith("wss") else None,
                proxy=None,
                open_timeout=_LIMIT,
                ping_interval=None,
                max_size=MAX_MESSAGE,
                close_timeout=2,
            )
        except InvalidStatus as error:
            answer = error.response
            told = explain(self.url, answer.status_code, dict(answer.headers.raw_items()), bytes(answer.body or b""))
            if answer.status_code == 200:
                told = (
                    f"What answers at {self.url} opens no websockets: a proxy has to pass `Upgrade` and `Connection`."
                )
            raise self._note(ServerProblem(told)) from None
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            raise self._note(ServerProblem(self._unreachable(error))) from None
        self._well()
        return socket

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _ask(
        self,
        method: str,
        *steps: str,
        query: dict[str, str] | None = None,
        json: Json | None = None,
        limit: float = _LIMIT,
        errors: set[int] = frozenset(),  # type: ignore[assignment]
    ) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body of an answer: a success, or one of the ``errors`` that the caller understands."""
        address = self._access.address(*steps, **(query or {}))
        timeout = httpx.Timeout(_LIMIT, read=limit)
        try:
            async with asyncio.timeout(limit + _LIMIT):
                answer = await self._client.request(
                    method, address, json=json, headers=self._access.headers(), timeout=timeout
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise self._note(ServerProblem(self._unreachable(error))) from None
        if not (answer.is_success or answer.status_code in errors):
            told = explain(self.url, answer.status_code, answer.headers, answer.content)
            raise self._note(ServerProblem(told))
        self._well()
        return answer.status_code, answer.headers, answer.content

    def _object(self, body: bytes) -> Json:
        try:
            value: Any = decode_json(body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._note(ServerProblem(explain(self.url, 200, {}, body)))
        return value

    def _unreachable(self, error: Exception) -> str:
        reason = str(error) or ("it does not answer" if "imeout" in type(error).__name__ else type(error).__name__)
        return f"The Jupyter server at {self.url} cannot be reached ({reason}): start it, or correct kernels.url."

    def _note(self, problem: ServerProblem) -> ServerProblem:
        """Tells the operator once, not for every visitor."""
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.error("no use can be made of the Jupyter server at the moment", reason=str(problem))
        return problem

    def _well(self) -> None:
        if self._away_since is not None:
            seconds, self._away_since = time.monotonic() - self._away_since, None
            log.info("the Jupyter server can be used again", url=self.url, after_seconds=round(seconds, 1))

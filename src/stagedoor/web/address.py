"""Where a request comes from, when a proxy that is trusted says so."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

_FOR = re.compile(r"""(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^";,\s]+))""", re.IGNORECASE)
_PORT = re.compile(r"^\[?(?P<v6>[0-9a-fA-F:.]+)\](?::\d+)?$|^(?P<v4>[0-9.]+)(?::\d+)?$")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The proxies whose words about a request are believed.

    Args:
        texts: addresses or networks, or ``*``.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._all = "*" in texts
        self._networks = [ipaddress.ip_network(text) for text in texts if text != "*"]

    def trusts(self, host: str) -> bool:
        """Whether this is one of them."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return self._all
        return self._all or any(address in network for network in self._networks)

    def visitor(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """The address of the visitor; "" when it cannot be told from the proxy's.

        The headers are read from their end, where the nearest proxy has written; what comes before the first address
        that is no proxy's, anybody may have made up (RFC 7239, section 8.1).
        """
        if not self.trusts(peer):
            return peer
        for host in reversed(_named(headers)):
            if not self.trusts(host) or (self._all and host):
                return host
        return ""


def _named(headers: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """The addresses that the headers name, the nearest last; ``Forwarded`` goes before ``X-Forwarded-For``."""
    texts = {name: ",".join(_values(headers, name)) for name in (b"forwarded", b"x-forwarded-for")}
    if texts[b"forwarded"]:
        found = [_FOR.search(element) for element in texts[b"forwarded"].split(",")]
        return [_bare(match[1] or match[2]) if match else "" for match in found]
    return [_bare(text) for text in texts[b"x-forwarded-for"].split(",") if text.strip()]


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _bare(text: str) -> str:
    """The address without port and brackets; "" when it is none (``unknown``, ``_hidden``)."""
    text = text.strip()
    match = _PORT.match(text)
    text = (match["v6"] or match["v4"]) if match else text
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


class KnownAddresses:
    """Notes in the scope, under ``stagedoor.address``, where the visitor is; goes before what rewrites ``client``."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            peer = (scope.get("client") or ("",))[0]
            scope = dict(scope) | {"stagedoor.address": self._proxies.visitor(peer, scope["headers"])}
        await self._app(scope, receive, send)

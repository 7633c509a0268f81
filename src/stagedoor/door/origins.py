"""Which pages may use the door: those of the gateway itself and those of the origins that the operator allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalise_origin(text: str) -> str:
    """An origin as browsers send it (RFC 6454, section 6.2), e.g. ``https://example.org``.

    Raises:
        ValueError: the text is not an origin.
    """
    parts = urlsplit(text.strip().rstrip("/"))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError(f"{text!r} is not an origin: write scheme://host or scheme://host:port")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class Origins:
    """The operator's choice. ``*`` allows every origin."""

    allowed: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, texts: list[str]) -> Origins:
        """Raises ValueError naming the text that is no origin."""
        return cls(frozenset(text if text == "*" else normalise_origin(text) for text in texts))

    def allows(self, origin: str | None, own: str) -> bool:
        """Whether a request with this ``Origin`` header may pass; ``own`` is the gateway's, as the request has it.

        A request without the header is no cross-origin request of a browser, so no page rides on it.
        """
        if origin is None or "*" in self.allowed or origin in self.allowed:
            return True
        try:
            return normalise_origin(origin) in {normalise_origin(own), *self.allowed}
        except ValueError:
            return False

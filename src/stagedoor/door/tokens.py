"""Embed tokens: what a site says of its visitor, signed, so that an app may require it (docs/tokens.md)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

_LEEWAY = 10
"""Seconds by which two machines' clocks may differ."""
_MOST_CHARS = 8192
_MOST_NAME_CHARS = 256
_SECRET_BYTES = 32
"""A secret for HS256 is as long as its hash (RFC 7518, section 3.2)."""


class KeyProblem(Exception):  # noqa: N818 -- a setting is wrong
    """A key cannot be used. The text is one sentence for the operator."""


class NotAdmitted(Exception):  # noqa: N818 -- it becomes an answer
    """Somebody gets no session: a code for programs, a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a token says that the visitor is."""

    id: str = ""
    name: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """A token that has been found good."""

    visitor: Visitor
    id: str
    """What tells it from others, for counting its uses."""
    uses: int
    """How many sessions it may open; 0: as many as it likes while it lasts."""
    expires: float
    """In seconds since the epoch."""


class Key:
    """A secret (HS256), or a key of Ed25519 (EdDSA) in PEM: the private one makes tokens, the public one checks them.

    A key is for one algorithm, whatever a token says of itself (RFC 8725, section 3.1).
    """

    def __init__(self, data: bytes, origin: str) -> None:
        """Raises KeyProblem when ``data`` is no key. ``origin`` says where it came from."""
        self._signing: Any
        self._checking: Any
        if not data.lstrip().startswith(b"-----BEGIN"):
            self.algorithm = "HS256"
            self._signing = self._checking = data.strip()
            if len(data.strip()) < _SECRET_BYTES:
                raise KeyProblem(
                    f"The token key {origin} is too short: a secret has {_SECRET_BYTES} bytes or more, "
                    "as `openssl rand -hex 32` makes them."
                )
            return
        self.algorithm = "EdDSA"
        try:
            private = b"PRIVATE" in data.splitlines()[0]
            key = load_pem_private_key(data, None) if private else load_pem_public_key(data)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyProblem(f"The token key {origin} cannot be read as PEM without a password.") from error
        if isinstance(key, Ed25519PrivateKey):
            self._signing, self._checking = key, key.public_key()
        elif isinstance(key, Ed25519PublicKey):
            self._signing, self._checking = None, key
        else:
            raise KeyProblem(f"The token key {origin} is no key of Ed25519: `openssl genpkey -algorithm ed25519`.")

    @classmethod
    def read(cls, path: Path) -> Key:
        """The key of a file. Raises KeyProblem."""
        try:
            return cls(path.read_bytes(), f"in {path}")
        except OSError as error:
            raise KeyProblem(f"The token key {path} cannot be read: {error.strerror}.") from None

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token with these claims. Raises KeyProblem for a public key."""
        if self._signing is None:
            raise KeyProblem("A public key checks tokens; it takes the private key to make one.")
        return jwt.encode(dict(claims), self._signing, self.algorithm)

    def claims_of(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that this key has signed. Raises jwt.PyJWTError."""
        options: Any = {"require": ["exp", "app"], "verify_aud": False, "verify_iss": False}
        claims = jwt.decode(token, self._checking, [self.algorithm], options=options, leeway=_LEEWAY)
        return dict(claims)


class Tokens:
    """Checks tokens, and counts how often each has been used.

    Args:
        keys: any of them may have signed a token, so that one can be replaced by another in use.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = keys
        self._used: dict[str, tuple[int, float]] = {}

    def check(self, token: str | None, app: str, origin: str | None) -> Pass:
        """What the token allows.

        Args:
            origin: of the page that has sent it; None where the request does not say.

        Raises:
            NotAdmitted: it allows nothing here.
        """
        if not token:
            raise NotAdmitted("token_missing", "This app is only for visitors of the sites that embed it.")
        found = _Claims(self._claims(token))
        if app not in found.texts("app"):
            raise NotAdmitted("token_other_app", "The page's token is for another app.")
        origins = found.texts("origin")
        if origins and origin is not None and origin not in origins:
            raise NotAdmitted("token_other_origin", "The page's token is for pages of another site.")
        passing = found.as_pass(token)
        self._check_uses(passing)
        return passing

    def use(self, passing: Pass) -> None:
        """Counts a session that the token has opened.

        Raises:
            NotAdmitted: it has opened as many as it may.
        """
        self._check_uses(passing)
        if passing.uses:
            now = time.time()
            self._used = {key: value for key, value in self._used.items() if value[1] > now}
            count, _ = self._used.get(passing.id, (0, 0.0))
            self._used[passing.id] = (count + 1, passing.expires + _LEEWAY)

    def _check_uses(self, passing: Pass) -> None:
        if passing.uses and self._used.get(passing.id, (0, 0.0))[0] >= passing.uses:
            raise NotAdmitted("token_used", "The page's token has been used as often as it may: reload the page.")

    def _claims(self, token: str) -> Mapping[str, Any]:
        if len(token) <= _MOST_CHARS:
            for key in self._keys:
                try:
                    return key.claims_of(token)
                except jwt.ExpiredSignatureError:
                    raise NotAdmitted("token_expired", "The page's token has expired: reload the page.") from None
                except (jwt.PyJWTError, ValueError, TypeError):
                    continue
        raise NotAdmitted("token_wrong", "The page's token is not valid here.")


class _Claims:
    """Claims whose signature is right; that does not make them what they have to be."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        self._claims = claims

    def texts(self, name: str) -> list[str]:
        """A claim that is a text, or a list of texts."""
        value = self._claims.get(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise self._wrong(name)
        return values

    def as_pass(self, token: str) -> Pass:
        params, uses = self._claims.get("params", {}), self._claims.get("uses", 0)
        if not isinstance(params, dict):
            raise self._wrong("params")
        if type(uses) is not int or uses < 0:
            raise self._wrong("uses")
        identity = self._text("jti") or hashlib.sha256(token.encode()).hexdigest()
        return Pass(Visitor(self._text("sub"), self._text("name"), params), identity, uses, float(self._claims["exp"]))

    def _text(self, name: str) -> str:
        value = self._claims.get(name, "")
        if not isinstance(value, str) or len(value) > _MOST_NAME_CHARS:
            raise self._wrong(name)
        return value

    def _wrong(self, name: str) -> NotAdmitted:
        return NotAdmitted(
            "token_wrong", f"The page's token is not valid: its claim {name!r} is not what it has to be."
        )

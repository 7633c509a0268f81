"""Embed tokens: whom they let in."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from stagedoor.door.tokens import Key, KeyProblem, NotAdmitted, Tokens

SECRET = "0123456789abcdef0123456789abcdef"
PRIVATE = Ed25519PrivateKey.generate()
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
TOKENS = Tokens([Key(SECRET.encode(), "here"), Key(PUBLIC_PEM, "here")])


def claims(**more: Any) -> dict[str, Any]:
    return {"app": "demo", "exp": time.time() + 3600, "sub": "v1", "name": "Ada", "params": {"course": 3}} | more


def token(**more: Any) -> str:
    return jwt.encode(claims(**more), SECRET, "HS256")


def refusal(given: str | None, origin: str | None = None) -> str:
    with pytest.raises(NotAdmitted) as caught:
        TOKENS.check(given, "demo", origin)
    return caught.value.code


@pytest.mark.parametrize("key", [Key(SECRET.encode(), "here"), Key(PRIVATE_PEM, "here")])
def test_a_good_token_says_who_the_visitor_is(key: Key) -> None:
    visitor = TOKENS.check(key.sign(claims()), "demo", "https://a.example").visitor
    assert (visitor.id, visitor.name, visitor.params) == ("v1", "Ada", {"course": 3})


def unsigned() -> str:
    header, body = (
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims())
    )
    return f"{header}.{body}."


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("x", "token_wrong"),
        ("a.b.c", "token_wrong"),
        ("x" * 100_000, "token_wrong"),
        (unsigned(), "token_wrong"),
        (jwt.encode(claims(), "x" * 32, "HS256"), "token_wrong"),
        (jwt.encode(claims(), SECRET * 2, "HS512"), "token_wrong"),
        (token()[:-2] + "AA", "token_wrong"),
        (token(exp=time.time() - 60), "token_expired"),
        (token(exp="never"), "token_wrong"),
        (token(app="other"), "token_other_app"),
        (token(app=["a", "b"]), "token_other_app"),
        (token(app={"demo": 1}), "token_wrong"),
        (token(params=[1]), "token_wrong"),
        (token(name=3), "token_wrong"),
        (token(uses=-1), "token_wrong"),
        (jwt.encode({"app": "demo"}, SECRET, "HS256"), "token_wrong"),
    ],
)
def test_other_tokens_open_nothing(given: str | None, code: str) -> None:
    assert refusal(given) == code


def test_a_public_key_is_no_secret() -> None:
    """A token that is signed by HS256 with the text of the public key (RFC 8725, section 2.1)."""
    import hashlib
    import hmac

    head, body = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, claims()))
    signature = urlsafe_b64encode(hmac.digest(PUBLIC_PEM, head + b"." + body, hashlib.sha256)).rstrip(b"=")
    assert refusal((head + b"." + body + b"." + signature).decode()) == "token_wrong"


def test_a_token_may_be_for_pages_of_a_site_only() -> None:
    bound = token(origin="https://a.example")
    assert TOKENS.check(bound, "demo", "https://a.example")
    assert refusal(bound, "https://b.example") == "token_other_origin"


def test_a_token_may_open_so_many_sessions() -> None:
    tokens = Tokens([Key(SECRET.encode(), "here")])
    twice = token(uses=2)
    for _ in range(2):
        tokens.use(tokens.check(twice, "demo", None))
    with pytest.raises(NotAdmitted) as caught:
        tokens.check(twice, "demo", None)
    assert caught.value.code == "token_used"
    tokens.use(tokens.check(token(uses=2, jti="another"), "demo", None))


@pytest.mark.parametrize("data", [b"short", b"-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"])
def test_keys_that_are_none(data: bytes) -> None:
    with pytest.raises(KeyProblem, match="The token key here"):
        Key(data, "here")


def test_a_public_key_makes_no_tokens() -> None:
    with pytest.raises(KeyProblem, match="private"):
        Key(PUBLIC_PEM, "here").sign(claims())

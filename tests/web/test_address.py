"""Where a visitor is: what a trusted proxy says, and nobody else."""

from __future__ import annotations

import pytest

from stagedoor.web.address import TrustedProxies

PROXIES = TrustedProxies(["127.0.0.1", "10.0.0.0/8", "::1"])


def visitor(peer: str, proxies: TrustedProxies = PROXIES, **headers: str) -> str:
    return proxies.visitor(peer, [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()])


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("192.0.2.1", {}, "192.0.2.1"),
        ("192.0.2.1", {"x_forwarded_for": "198.51.100.7"}, "192.0.2.1"),
        ("127.0.0.1", {"x_forwarded_for": "198.51.100.7"}, "198.51.100.7"),
        ("127.0.0.1", {"x_forwarded_for": "1.2.3.4, 198.51.100.7"}, "198.51.100.7"),
        ("127.0.0.1", {"x_forwarded_for": "198.51.100.7, 10.1.2.3"}, "198.51.100.7"),
        ("127.0.0.1", {"x_forwarded_for": "198.51.100.7:4711"}, "198.51.100.7"),
        ("::1", {"forwarded": 'for="[2001:db8::7]:4711";proto=https, for=10.0.0.1'}, "2001:db8::7"),
        ("::1", {"forwarded": "for=198.51.100.7", "x_forwarded_for": "1.2.3.4"}, "198.51.100.7"),
        ("127.0.0.1", {"forwarded": "for=198.51.100.7, for=unknown"}, ""),
        ("127.0.0.1", {"x_forwarded_for": "garbage"}, ""),
        ("127.0.0.1", {}, ""),
    ],
)
def test_a_visitors_address(peer: str, headers: dict[str, str], expected: str) -> None:
    assert visitor(peer, **headers) == expected


def test_trusting_all_believes_the_nearest() -> None:
    assert visitor("192.0.2.1", TrustedProxies(["*"]), x_forwarded_for="1.2.3.4, 198.51.100.7") == "198.51.100.7"

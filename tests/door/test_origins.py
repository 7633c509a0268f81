"""Which pages may use the door."""

from __future__ import annotations

import pytest

from stagedoor.door.origins import Origins, normalise_origin

OWN = "https://live.example.org"


def test_pages_of_the_gateway_itself_may() -> None:
    assert Origins().allows("https://live.example.org", OWN)
    assert Origins().allows("https://live.example.org:443", OWN)


def test_requests_that_no_page_rides_on_may() -> None:
    assert Origins().allows(None, OWN)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://live.example.org",
        "https://live.example.org:8443",
        "https://live.example.org.evil.example",
        "null",
        "",
        "file://",
        "https://",
        "live.example.org",
    ],
)
def test_others_may_not(origin: str) -> None:
    assert not Origins().allows(origin, OWN)


def test_those_that_the_operator_allows_may() -> None:
    origins = Origins(frozenset({"https://course.example.edu"}))
    assert origins.allows("https://course.example.edu", OWN)
    assert not origins.allows("http://course.example.edu", OWN)
    assert Origins(frozenset({"*"})).allows("null", OWN)


@pytest.mark.parametrize(
    "text", ["example.org", "https://example.org/path", "ftp://example.org", "https://me@example.org"]
)
def test_what_is_no_origin_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        normalise_origin(text)


def test_default_ports_and_case_do_not_matter() -> None:
    assert normalise_origin("HTTPS://Example.ORG:443/") == "https://example.org"
    assert normalise_origin("http://[::1]:8900") == "http://[::1]:8900"

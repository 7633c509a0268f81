"""Floods are slowed down, then cut off; addresses have their share and no more."""

from __future__ import annotations

import pytest

from stagedoor.door.crowd import Crowd, CrowdLimits, key_of
from stagedoor.door.rates import Pace, Rates

RATES = Rates(messages=10, message_burst=20, bytes=1000, byte_burst=5000, patience=3)


def test_a_burst_passes_and_a_flood_is_slowed_to_the_rate() -> None:
    pace, now = Pace(RATES, 0.0), 0.0
    assert [pace.take(1, now)[0] for _ in range(20)] == [0] * 20
    passed = 0
    while now < 2.5:
        wait, reason = pace.take(1, now)
        now += wait
        passed += 1
        assert (wait, reason) == (pytest.approx(0.1), "message_rate")
    assert passed == 25
    assert not pace.hopeless


def test_bytes_count_too() -> None:
    pace = Pace(RATES, 0.0)
    assert pace.take(5000, 0.0) == (0.0, "")
    assert pace.take(2000, 0.0) == (2.0, "byte_rate")


def test_who_floods_on_is_cut_off_and_who_pauses_is_not() -> None:
    def flood(pace: Pace, now: float, seconds: float) -> float:
        end = now + seconds
        while now < end:
            now += pace.take(1, now)[0]
        return now

    pace = Pace(RATES, 0.0)
    flood(pace, 0.0, 3.2)
    assert pace.hopeless
    patient, now = Pace(RATES, 0.0), 0.0
    for _ in range(5):
        now = flood(patient, now, 2.0) + 10.0
    assert not patient.hopeless


def test_an_address_has_so_many_connections_and_sessions() -> None:
    crowd = Crowd(CrowdLimits(connections=1, sessions=2))
    with crowd.connection("192.0.2.1") as first, crowd.connection("192.0.2.1") as second:
        assert (first, second) == (True, False)
        with crowd.connection("192.0.2.2") as other:
            assert other
    with crowd.connection("192.0.2.1") as again:
        assert again
    leave = [crowd.session("192.0.2.1"), crowd.session("192.0.2.1")]
    assert crowd.session("192.0.2.1") is None
    assert leave[0] is not None
    leave[0]()
    assert crowd.session("192.0.2.1") is not None


def test_addresses() -> None:
    assert key_of("192.0.2.1") == key_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert key_of("2001:db8::1") == key_of("2001:db8::ffff") == "2001:db8::/64"
    assert key_of("") == key_of("testclient") == ""


def test_an_unknown_address_is_not_counted() -> None:
    crowd = Crowd(CrowdLimits(connections=1, sessions=1))
    assert all(crowd.session("") is not None for _ in range(5))

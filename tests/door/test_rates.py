"""Floods are slowed down, then cut off; addresses have their share and no more."""

from __future__ import annotations

import pytest

from stagedoor.door.crowd import Crowd, CrowdLimits, key_of
from stagedoor.door.rates import Bucket, OutputPace, Pace, Rates

RATES = Rates(messages=10, message_burst=20, bytes=1000, byte_burst=5000, work=0.1, work_burst=0.5, patience=3)


class Clock:
    """The time of a test, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def pace(refusals: Bucket | None = None) -> Pace:
    return Pace(RATES, refusals or Bucket(10, 100, 0.0), 0.0)


def sent(pace: Pace, now: float, size: int = 0, work: float = 0.0, *, refused: bool = False) -> tuple[float, str]:
    return pace.take(size, work, now, refused=refused)


def test_a_burst_passes_and_a_flood_is_slowed_to_the_rate() -> None:
    one, now = pace(), 0.0
    assert [sent(one, now)[0] for _ in range(20)] == [0] * 20
    passed = 0
    while now < 2.5:
        wait, reason = sent(one, now)
        now += wait
        passed += 1
        assert (wait, reason) == (pytest.approx(0.1), "message_rate")
    assert passed == 25
    assert not one.hopeless


def test_bytes_count_too() -> None:
    one = pace()
    assert sent(one, 0.0, size=5000) == (0.0, "")
    assert sent(one, 0.0, size=2000) == (2.0, "byte_rate")


def test_what_takes_long_to_read_counts_by_the_time_it_took() -> None:
    one = pace()
    assert sent(one, 0.0, work=0.5) == (0.0, "")
    assert sent(one, 0.0, work=0.02) == (pytest.approx(0.2), "work_rate")


def test_who_is_cut_off_for_refusals_and_comes_again_does_not_begin_anew() -> None:
    refusals = Bucket(10, 15, 0.0)
    first, second, honest = pace(refusals), pace(refusals), pace(refusals)
    assert [sent(first, 0.0, refused=True)[0] for _ in range(15)] == [0] * 15
    wait, reason = sent(second, 0.0, refused=True)
    assert (wait, reason) == (pytest.approx(0.1), "refusal_rate")
    assert sent(honest, 0.0) == (0.0, ""), "who shares the address pays for nobody else"


def test_refusing_what_is_large_or_slow_costs_more() -> None:
    refusals = Bucket(10, 100, 0.0)
    assert sent(pace(refusals), 0.0, size=1_000, work=0.09, refused=True)[1] == ""
    assert sent(pace(refusals), 0.0, size=1_000, work=0.09, refused=True)[1] == "refusal_rate"


def test_who_floods_on_is_cut_off_and_who_pauses_is_not() -> None:
    def flood(pace: Pace, now: float, seconds: float) -> float:
        end = now + seconds
        while now < end:
            now += sent(pace, now)[0]
        return now

    impatient = pace()
    flood(impatient, 0.0, 3.2)
    assert impatient.hopeless
    patient, now = pace(), 0.0
    for _ in range(5):
        now = flood(patient, now, 2.0) + 10.0
    assert not patient.hopeless


def test_a_kernel_that_prints_without_end_waits() -> None:
    output = OutputPace(0.0)
    waits = [output.take(2**16, 1e-3, 0.0) for _ in range(1000)]
    assert waits[0] == 0
    assert waits[-1] > 1


def test_an_address_has_so_many_connections_and_sessions() -> None:
    crowd = Crowd(CrowdLimits(connections=1, sessions=2, arrivals=1e9))
    with crowd.connection("192.0.2.1") as first, crowd.connection("192.0.2.1") as second:
        assert first is not None
        assert second is None
        with crowd.connection("192.0.2.2") as other:
            assert other is not None
    with crowd.connection("192.0.2.1") as again:
        assert again is first
    openings = [crowd.session("192.0.2.1"), crowd.session("192.0.2.1")]
    assert crowd.session("192.0.2.1") is None
    assert openings[0] is not None
    openings[0].close()
    assert crowd.session("192.0.2.1") is not None


def test_who_connects_again_and_again_is_turned_away_for_a_while() -> None:
    clock = Clock()
    crowd = Crowd(CrowdLimits(connections=3, arrivals=1), clock)

    def comes() -> bool:
        with crowd.connection("192.0.2.1") as address:
            return address is not None

    assert [comes() for _ in range(6)] == [True, True, True, True, False, False]
    clock.now = 2.0
    assert comes()


def test_sessions_of_an_address_begin_one_after_the_other() -> None:
    clock = Clock()
    crowd = Crowd(CrowdLimits(openings=10, opening_burst=2), clock)
    openings = [crowd.session("192.0.2.1") for _ in range(4)]
    assert [opening and opening.wait for opening in openings] == [0, 0, pytest.approx(0.1), pytest.approx(0.2)]
    other = crowd.session("192.0.2.2")
    assert other is not None
    assert other.wait == 0


def test_sessions_that_are_left_at_once_make_the_next_wait_longer() -> None:
    clock = Clock()
    crowd = Crowd(CrowdLimits(openings=1, opening_burst=2), clock)

    def visit(seconds: float) -> float:
        opening = crowd.session("192.0.2.1")
        assert opening is not None
        clock.now += seconds
        opening.close()
        return opening.wait

    assert visit(60.0) == visit(60.0) == 0
    assert visit(0.0) == 0
    assert visit(0.0) == pytest.approx(5.0)
    assert all(visit(0.0) <= 30 for _ in range(20)), "nobody waits without end for what others have done"


def test_addresses() -> None:
    assert key_of("192.0.2.1") == key_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert key_of("2001:db8::1") == key_of("2001:db8::ffff") == "2001:db8::/64"
    assert key_of("") == key_of("testclient") == ""


def test_an_unknown_address_is_not_counted() -> None:
    crowd = Crowd(CrowdLimits(connections=1, sessions=1, opening_burst=1))
    openings = [crowd.session("") for _ in range(5)]
    assert all(opening is not None and not opening.wait for opening in openings)

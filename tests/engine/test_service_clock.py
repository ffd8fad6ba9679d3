"""Of all clock differences that an answer's date allows, the smallest is believed."""

import time
from email.utils import formatdate

import pytest

from inspector.engine.service_clock import ServiceClock

DATE = 1_800_000_000


def skew(sent_at: float, received_at: float, **headers: str) -> float | None:
    clock = ServiceClock()
    clock.note({"date": formatdate(DATE, usegmt=True), **headers}, sent_at, received_at)
    return clock.skew


@pytest.mark.parametrize(
    ("sent_at", "received_at", "expected"),
    [
        (DATE + 0.2, DATE + 0.4, 0.0),
        (DATE - 10, DATE + 10, 0.0),
        (DATE + 100.5, DATE + 101.0, 99.5),
        (DATE - 100.5, DATE - 100.0, -100.0),
        (DATE + 100, DATE + 125, 99.0),
    ],
)
def test_the_skew_is_told_from_the_date_and_the_moments_around_it(
    sent_at: float, received_at: float, expected: float
) -> None:
    assert skew(sent_at, received_at) == expected


@pytest.mark.parametrize("headers", [{"date": "yesterday"}, {"age": "7"}, {"date": ""}])
def test_no_date_or_an_old_one_tells_nothing(headers: dict[str, str]) -> None:
    assert skew(DATE + 500, DATE + 500, **headers) is None


def test_the_time_is_the_services_once_it_is_known_and_fresh_for_a_while() -> None:
    clock = ServiceClock()
    assert clock.now() == pytest.approx(time.time(), abs=2)
    assert not clock.fresh
    clock.note({"date": formatdate(time.time() - 3600, usegmt=True)}, time.time(), time.time())
    assert clock.now() == pytest.approx(time.time() - 3600, abs=2)
    assert clock.fresh

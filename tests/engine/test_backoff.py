"""Pauses grow for the same failure again and again, and only then."""

import pytest

from inspector.engine.backoff import Backoff, kind_of
from inspector.protocol.errors import InspectorError


def test_the_first_failure_of_a_kind_waits_as_long_as_the_sdks_do() -> None:
    backoff = Backoff()
    assert [backoff.after("a"), backoff.after("b"), backoff.after("a")] == [5.0, 5.0, 5.0]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, [5, 10, 20, 40, 60, 60, 60]), (1.0, [5, 8, 16, 32, 48, 48, 48])])
def test_the_same_failure_doubles_the_pause_up_to_a_minute_less_a_fifth_by_chance(
    chance: float, seconds: list[float]
) -> None:
    backoff = Backoff(random=lambda: chance)
    assert [backoff.after("a") for _ in seconds] == seconds


def test_a_success_makes_the_next_failure_a_first_one() -> None:
    backoff = Backoff()
    backoff.after("a")
    backoff.reset()
    assert backoff.after("a") == 5.0


def test_even_a_thousand_failures_wait_no_longer() -> None:
    backoff = Backoff(random=lambda: 0.0)
    assert max(backoff.after("a") for _ in range(2_000)) == 60.0


def test_figures_do_not_make_a_failure_another_one() -> None:
    assert kind_of(InspectorError("It ended after 12 bytes.")) == kind_of(InspectorError("It ended after 7 bytes."))
    assert kind_of(InspectorError("It ended.")) != kind_of(InspectorError("It broke."))

"""Numbers, times and sizes in words."""

from datetime import datetime

import pytest

from inspector.words import (
    NS,
    ago,
    byte_size,
    countdown,
    duration,
    elapsed,
    first_few,
    moment,
    ordinal,
    plural,
    thousands,
)

NOW = int(datetime(2026, 11, 23, 14, 3, 38).timestamp()) * NS


def at(*parts: int) -> int:
    return int(datetime(*parts).timestamp()) * NS  # type: ignore[arg-type]


def test_a_long_list_is_cut_and_says_how_many_are_left() -> None:
    assert first_few(("a",)) == "a"
    assert first_few(("a", "b", "c")) == "a, b, c"
    assert first_few(tuple("abcdefg")) == "a, b, c and 4 more"


def test_counts_are_grouped_with_thin_spaces() -> None:
    assert thousands(999) == "999"
    assert thousands(24_310) == "24\u2009310"
    assert thousands(1_234_567) == "1\u2009234\u2009567"


def test_a_count_names_what_it_counts_in_the_right_number() -> None:
    assert plural(1, "bucket") == "1 bucket"
    assert plural(0, "bucket") == "0 buckets"
    assert plural(1902, "entry", "entries") == "1\u2009902 entries"


def test_ordinals_are_english() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"), (0.4, "0 s"), (3, "3 s"), (59.9, "59 s"), (60, "1 min"), (125, "2 min"), (3600, "1 h"),
        (3900, "1 h 5 min"), (86_399, "23 h 59 min"), (86_400, "1 day"), (3 * 86_400 + 7000, "3 days"),
    ],
)  # fmt: skip
def test_a_span_is_told_in_its_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_short_work_is_told_to_the_tenth_of_a_second_or_in_milliseconds() -> None:
    assert (elapsed(0.0001), elapsed(0.04)) == ("1 ms", "40 ms")
    assert (elapsed(0.0996), elapsed(1.84), elapsed(9.96), elapsed(75)) == ("0.1 s", "1.8 s", "9 s", "1 min")


def test_a_countdown_counts_the_second_that_has_begun() -> None:
    assert countdown(NOW + 2 * NS + 1, NOW) == "3 s"
    assert countdown(NOW, NOW) == "0 s"
    assert countdown(NOW - 5 * NS, NOW) == "0 s"


def test_ages_turn_into_dates_after_a_day() -> None:
    assert ago(NOW - NS // 2, NOW) == "just now"
    assert ago(NOW - 3 * NS, NOW) == "3 s ago"
    assert ago(NOW - 2 * 3600 * NS, NOW) == "2 h ago"
    assert ago(at(2026, 11, 20, 9, 14), NOW) == "on 20 Nov, 09:14"


def test_a_time_after_now_is_not_called_an_age() -> None:
    assert ago(at(2026, 11, 23, 15, 0), NOW) == "at 15:00"
    assert ago(at(2027, 1, 2, 15, 0), NOW) == "on 2 Jan 2027, 15:00"


def test_a_moment_says_as_much_of_the_date_as_is_needed() -> None:
    assert moment(at(2026, 11, 23, 9, 14), NOW) == "09:14"
    assert moment(at(2026, 11, 20, 9, 14), NOW) == "20 Nov, 09:14"
    assert moment(at(2024, 3, 1, 0, 0), NOW) == "1 Mar 2024, 00:00"


def test_an_impossible_time_is_still_told() -> None:
    assert moment(2**63 * 1000, NOW)
    assert moment(-(2**63) * 1000, NOW)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"), (1, "1 byte"), (611, "611 bytes"), (999, "999 bytes"), (1000, "1 kB"), (9_100_000, "9.1 MB"),
        (38_240_000, "38.2 MB"), (99_960_000, "100 MB"), (412_400_000, "412 MB"), (999_600_000, "1 GB"),
    ],
)  # fmt: skip
def test_sizes_have_two_or_three_digits(size: int, words: str) -> None:
    assert byte_size(size) == words

"""What the timeline says: spans that are rounded as one reads them, and what is over in the past tense."""

import pytest

from inspector.analysis.timeline_words import describe, precise_span
from inspector.capture.timeline_rows import ConnectionSpan, HeldSpan
from inspector.words import NS


@pytest.mark.parametrize(
    ("ns", "words"),
    [
        (400_000, "0.4 ms"),
        (9_960_000, "10 ms"),
        (999_700_000, "1.00 s"),
        (12_410_000_000, "12.41 s"),
        (59_996_000_000, "1 min 0.0 s"),
        (119_970_000_000, "2 min 0.0 s"),
        (134_200_000_000, "2 min 14.2 s"),
        (3_599_990_000_000, "1 h 0 min"),
    ],
)
def test_spans_are_rounded_up_to_the_next_unit(ns: int, words: str) -> None:
    assert precise_span(ns) == words


def test_what_is_over_is_told_in_the_past() -> None:
    now = 100 * NS
    assert describe(HeldSpan(1, 1598, 10 * NS, None, ""), now).startswith("Downloads are held back")
    assert describe(HeldSpan(1, 1598, 10 * NS, 20 * NS, ""), now).startswith("Downloads were held back")
    connection = ConnectionSpan(1, 10 * NS, 90 * NS, 200, "", 95 * NS, 1, 1)
    assert "The token ended at" in describe(connection, now)
    assert "The token ends at" in describe(connection, 91 * NS)

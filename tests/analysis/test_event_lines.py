"""Events as lines: repeats are counted, levels and words choose, a second look goes on where the first one stopped."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from inspector.analysis.event_lines import EventLine, EventLines
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import EventRow
from inspector.capture.writer import CaptureWriter

EVERYTHING = frozenset(("debug", "info", "warning", "error"))


def always() -> bool:
    return True


def told(lines: EventLines, capture: CaptureReader) -> list[EventLine]:
    found = lines.read(capture, lines.go_on(capture, always))
    return [line for line in found if line is not None]


def say(writer: CaptureWriter, *messages: str, level: str = "info") -> None:
    for message in messages:
        writer.event(level, "transport", message)
    writer.flush()


def messages(lines: Sequence[EventLine]) -> list[tuple[str, int, int]]:
    return [(line.event.message, line.count, line.first_id) for line in lines]


def test_what_repeats_is_one_line_with_a_count(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "c.pscapture") as writer:
        say(writer, "Connected.", "Lost after 3 s.", "Connected.", "Lost after 4 s.", "Done.")
        with CaptureReader(writer.path) as capture:
            lines = EventLines(EVERYTHING)
            assert messages(told(lines, capture)) == [("Connected.", 2, 1), ("Lost after 4 s.", 2, 2), ("Done.", 1, 5)]
            assert (lines.newest_of(1), lines.newest_of(5)) == (3, 5)
            say(writer, "Connected.", "New.")
            assert messages(told(lines, capture)) == [
                ("Lost after 4 s.", 2, 2), ("Done.", 1, 5), ("Connected.", 3, 1), ("New.", 1, 7),
            ]  # fmt: skip
            first = lines.read(capture, [6])[0]
            assert first is not None
            assert first.first_at <= first.event.at


def test_levels_and_words_choose_and_every_event_is_counted(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "c.pscapture") as writer:
        say(writer, "Going OFFLINE.", "Coming back online.")
        say(writer, "A step.", level="debug")
        with CaptureReader(writer.path) as capture:
            lines = EventLines(frozenset(("info",)), ["offline", "GOING"])
            assert [line.event.message for line in told(lines, capture)] == ["Going OFFLINE."]
            assert lines.counts == {"debug": 1, "info": 2, "warning": 0, "error": 0}


def test_a_long_log_is_listed_whole_and_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = 25_000
    words = ["zero", "one", "two", "three", "four", "five", "six"]
    with CaptureWriter(tmp_path / "c.pscapture") as writer:
        for at in range(number):
            writer.event("info", "transport", f"Line {words[at % 7]} came.")
        writer.flush()
        with CaptureReader(writer.path) as capture:
            lines = EventLines(EVERYTHING)
            found = lines.go_on(capture, always)
            assert len(found) == number
            read: list[int] = []
            say(writer, "The last one.")
            ask = capture.event_log.after

            def counted(after: int, limit: int) -> list[EventRow]:
                read.append(after)
                return ask(after, limit)

            monkeypatch.setattr(capture.event_log, "after", counted)
            assert lines.go_on(capture, always)[-1] == number + 1
            assert read == [number, number + 1]
            assert lines.go_on(capture, lambda: False)[-1] == number + 1


def test_the_newest_of_very_many_can_be_listed_first(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "c.pscapture") as writer:
        say(writer, "First.")
        with CaptureReader(writer.path) as capture:
            assert not EventLines(EVERYTHING).begin_late(capture, always), "few are read at once"
        for at in range(20_000):
            writer.event("info", "transport", ("Going.", "Coming.", "Standing.", "Lying.", "Sitting.")[at % 5])
        say(writer, "Last.")
        with CaptureReader(writer.path) as capture:
            lines = EventLines(EVERYTHING)
            assert lines.share == 0
            late = lines.read(capture, lines.begin_late(capture, always))
            assert late[-1] is not None
            assert late[-1].event.message == "Last."
            assert late[0] is not None
            assert late[0].first_id > 18_000
            whole = EventLines(EVERYTHING)
            whole.go_on(capture, always)
            assert whole.share == 1

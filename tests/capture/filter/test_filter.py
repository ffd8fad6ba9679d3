"""The display filter on real recordings: which frames it picks, and what it says about what it does not understand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.capture.annotations import Annotation
from inspector.capture.filter import FilterError, FilterScan, compile_filter
from inspector.capture.filter.completion import equals
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import DataLine, decode_line
from inspector.ui.times import clock, full_utc
from tests.capture.recording import record_to

Wanted = Callable[[Frame], bool]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three connections, one of them in BSON."""
    return record_to(
        tmp_path_factory.mktemp("filter") / "recorded.pscapture", "initial-ndjson", "incremental", "initial-bson"
    )


@pytest.fixture(scope="module")
def frames(capture: Path) -> list[Frame]:
    with CaptureReader(capture) as reader:
        return list(reader.bodies())


@pytest.fixture
def scan(capture: Path) -> Iterator[FilterScan]:
    opened = FilterScan(capture)
    yield opened
    opened.close()


def found(scan: FilterScan, text: str) -> list[int]:
    condition = compile_filter(text, first_at=scan.first_at())
    return list(scan.find(condition, 1, scan.frame_count()).ids)


def rows_in(frame: Frame) -> set[str]:
    line = decode_line(frame.body, frame.format)
    if not isinstance(line, DataLine):
        return set()
    return {f"{operation.object_type}/{operation.object_id}" for operation in line.data}


CASES: list[tuple[str, Wanted]] = [
    ("kind == data", lambda f: f.row.kind == "data"),
    ("kind = data", lambda f: f.row.kind == "data"),
    ("kind != data", lambda f: f.row.kind != "data"),
    ("not kind == data", lambda f: f.row.kind != "data"),
    ("KIND ~ CHECKPOINT", lambda f: "checkpoint" in f.row.kind),
    ("kind ~ /^checkpoint(_diff)?$/", lambda f: f.row.kind in ("checkpoint", "checkpoint_diff")),
    ("kind in (data, checkpoint)", lambda f: f.row.kind in ("data", "checkpoint")),
    ("kind == data && bucket ~ 'todos' && ops > 1", lambda f: "todos" in (f.row.bucket or "") and f.row.operations > 1),
    ("bucket !~ todos", lambda f: "todos" not in (f.row.bucket or "")),
    ("bucket", lambda f: f.row.bucket is not None),
    ("bucket == '1#my_lists|0[\"user-1\"]'", lambda f: f.row.bucket == '1#my_lists|0["user-1"]'),
    ("bucket == 'my_lists[\"user-1\"]'", lambda f: f.row.bucket == '1#my_lists|0["user-1"]'),
    ("stream == my_lists or type == notes", lambda f: "my_lists" in (f.row.bucket or "") or f.row.row_types == "notes"),
    ("type == todo", lambda _: False),
    ("puts == 0 and removes >= 1", lambda f: f.row.puts == 0 and f.row.removes >= 1),
    ("ops == 0", lambda f: f.row.kind == "data" and f.row.operations == 0),
    ("bytes >= 1kB", lambda f: f.row.bytes >= 1000),
    ("bytes in 100..1000", lambda f: 100 <= f.row.bytes <= 1000),
    ("bytes in ..100", lambda f: f.row.bytes <= 100),
    ("bytes in 1000..", lambda f: f.row.bytes >= 1000),
    ("priority == 1", lambda f: f.row.priority == 1),
    ("outcome == applied", lambda f: f.row.outcome == "applied"),
    ("connection == 2 && frame > 20", lambda f: f.row.connection == 2 and f.row.id > 20),
    (
        "(kind == data or kind == checkpoint) and not ops > 1",
        lambda f: f.row.kind in ("data", "checkpoint") and f.row.operations <= 1,
    ),
    ("error", lambda _: False),
    ("!error", lambda _: True),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_a_filter_picks_what_it_says(scan: FilterScan, frames: list[Frame], text: str, wanted: Wanted) -> None:
    assert found(scan, text) == [frame.row.id for frame in frames if wanted(frame)]


def test_op_ids_are_those_between_the_first_and_the_last_of_a_line(scan: FilterScan, frames: list[Frame]) -> None:
    data = [frame.row for frame in frames if frame.row.first_op_id is not None and frame.row.last_op_id is not None]
    low, high = data[1].first_op_id or 0, data[2].last_op_id or 0
    assert found(scan, f"op_id in {low}..{high}") == [
        row.id for row in data if (row.first_op_id or 0) <= high and (row.last_op_id or 0) >= low
    ]
    assert data[1].id in found(scan, f"op_id == {low}")


def test_a_row_is_found_in_ndjson_and_in_bson(scan: FilterScan, frames: list[Frame]) -> None:
    row = sorted(rows_in(next(frame for frame in frames if "todos" in frame.row.row_types)))[0]
    expected = [frame.row.id for frame in frames if row in rows_in(frame)]
    assert {frame.format for frame in frames if frame.row.id in expected} == {FrameFormat.NDJSON, FrameFormat.BSON}
    assert found(scan, f"row == {row}") == expected
    assert found(scan, f"row ~ '{row[3:].upper()}'") == expected
    pattern = row.replace("/", "\\/")
    assert found(scan, f"row ~ /^{pattern}$/") == expected
    assert found(scan, f"not row == {row}") == [frame.row.id for frame in frames if row not in rows_in(frame)]


def test_a_checkpoint_begins_with_the_line_that_announces_it(scan: FilterScan, frames: list[Frame]) -> None:
    diff = next(frame.row for frame in frames if frame.row.kind == "checkpoint_diff")
    since, before = (
        found(scan, f"since checkpoint {diff.checkpoint}"),
        found(scan, f"before checkpoint {diff.checkpoint}"),
    )
    assert since + before != []
    assert sorted(since + before) == [frame.row.id for frame in frames]
    assert found(scan, "since checkpoint 999999999") == []


def test_times_are_local_and_with_a_day_any(scan: FilterScan, frames: list[Frame]) -> None:
    middle = frames[20].row.received_at
    expected = [frame.row.id for frame in frames if frame.row.received_at >= middle // 1_000_000 * 1_000_000]
    assert found(scan, f"since {clock(middle)}") == expected
    assert found(scan, f"time >= {clock(middle)}") == expected
    assert len(found(scan, f"time >= {full_utc(middle)}")) <= len(expected)
    assert found(scan, "time < 2000-01-01") == []
    assert found(scan, "delta >= 0 and frame == 1") == []
    assert found(scan, "delta in 0..1h") == [frame.row.id for frame in frames[1:]]


def test_text_is_found_in_whatever_case_and_however_json_wrote_it(tmp_path: Path) -> None:
    rows = ['{"a":"Call the \\"Plumber\\""}', '{"a":"Grüße"}', '{"a":"Gr\\u00fc\\u00dfe"}', '{"a":"nothing"}']
    path = tmp_path / "texts.pscapture"
    with CaptureWriter(path) as writer:
        connection = writer.open_connection("http://localhost", b"{}")
        writer.response(connection, 200, [], FrameFormat.NDJSON)
        for number, row in enumerate(rows, 1):
            encoded = row.replace("\\", "\\\\").replace('"', '\\"')
            names = f'"op_id":"{number}","op":"PUT","object_type":"t","object_id":"{number}","checksum":0'
            operation = f'{{{names},"data":"{encoded}"}}'
            body = f'{{"data":{{"bucket":"b[]","data":[{operation}]}}}}'.encode()
            writer.frame(connection, body, decode_line(body, FrameFormat.NDJSON))
    scan = FilterScan(path)
    assert found(scan, '"call the"') == [1]
    assert found(scan, r'"the \"plumber\""') == [1]
    assert found(scan, "'the \"plumber\"'") == [1]
    assert found(scan, '"grüße"') == [2, 3]
    assert found(scan, '"gru"') == []
    assert found(scan, "kind == data and not 'nothing'") == [1, 2, 3]
    scan.close()


def test_marks_and_comments_can_be_asked_for(scan: FilterScan) -> None:
    scan.set_annotations({3: Annotation(marked=True), 5: Annotation(comment="The plumber came twice.")})
    assert found(scan, "marked") == [3]
    assert found(scan, "comment ~ PLUMBER") == [5]
    assert found(scan, "marked or comment") == [3, 5]
    scan.set_annotations({})
    assert found(scan, "marked or comment") == []


def test_what_is_held_refused_or_wrong_has_a_word(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.pscapture"
    body = b'{"checkpoint_complete":{"last_op_id":"7"}}'
    with CaptureWriter(path) as writer:
        connection = writer.open_connection("http://localhost", b"{}")
        writer.response(connection, 200, [], FrameFormat.NDJSON)
        for outcome in (Outcome.HELD, Outcome.MISMATCH, Outcome.REFUSED, Outcome.APPLIED):
            writer.set_outcome(writer.frame(connection, body, decode_line(body, FrameFormat.NDJSON)), outcome)
        writer.frame(connection, b"nonsense", None, error="The line is not JSON.")
    scan = FilterScan(path)
    assert found(scan, "held") == [1]
    assert found(scan, "mismatch") == [2]
    assert found(scan, "error") == [2, 3, 5]
    assert compile_filter("error").decided_later
    assert not compile_filter("kind == data").decided_later
    scan.close()


def test_the_file_is_not_changed(capture: Path, scan: FilterScan) -> None:
    before = capture.read_bytes()
    scan.set_annotations({1: Annotation(marked=True)})
    found(scan, "marked and 'plumber'")
    assert capture.read_bytes() == before
    assert [path.name for path in capture.parent.iterdir()] == [capture.name]


MISTAKES = [
    ("kidn == data", 1, "“kidn” is no field. At column 1 a field is expected. Write kind,"),
    (
        "plumber",
        1,
        '“plumber” is no field. At column 1 a field is expected. Write "plumber" to look for the text in the bodies.',
    ),
    ("error == true", 1, "“error” is compared with nothing: a frame has it or has it not. Write error alone, or not"),
    ("ops > 10 kB", 7, "“10 kB” is no value of ops."),
    ("kind == data &&", 16, "The filter is not complete. After its end a field, a quoted text or ( is expected."),
    ("kind data", 6, "“data” does not fit here."),
    ('"Call the', 1, "A quoted text has no end."),
    ("(kind == data", 14, "The filter is not complete. After its end ) is expected."),
    ("ops > many", 7, "“many” is no value of ops. At column 7 a number is expected."),
    ("ops ~ 1", 1, "“~” does not fit ops."),
    ("kind == dta", 9, "kind has no value dta. Did you mean data? Its values are checkpoint, checkpoint_diff, data,"),
    ("kind in (data, Upload)", 16, "kind has no value Upload. Did you mean upload?"),
    ("outcome != zzz", 12, "outcome has no value zzz. Its values are receiving,"),
    ("kind > data", 8, "“>” does not fit kind."),
    ("kind in a..b", 1, "kind has no span."),
    ("row == todos", 8, "“todos” is no value of row. At column 8 a row, such as todos/42 is expected."),
    ("time > 25:00", 8, "There is no time 25:00."),
    ("since yesterday", 7, "“yesterday” is no time."),
    ("bucket ~ /(/", 10, "The pattern cannot be used."),
    ("", 1, "The filter is empty."),
    ("kind == data §", 14, "“§” does not fit here."),
    ("!" * 300 + "error", 1, "The filter is nested too deeply."),
    ("ops > 99999999999999999999", 7, "“99999999999999999999” is no value of ops."),
]


@pytest.mark.parametrize(("text", "column", "says"), MISTAKES, ids=[text[:20] for text, *_ in MISTAKES])
def test_a_mistake_is_told_with_its_column_and_what_is_expected(text: str, column: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    assert str(caught.value).startswith(says)
    assert caught.value.column == column


def test_a_value_in_quotes_may_be_one_that_is_not_known_here(scan: FilterScan) -> None:
    assert found(scan, 'kind == "stream_paused"') == []
    assert compile_filter(equals("kind", "stream_paused")).values == ("stream_paused",)
    assert equals("kind", "data") == "kind == data"


def test_values_never_become_sql(scan: FilterScan) -> None:
    assert found(scan, 'bucket == "x\' OR 1=1 --"') == []
    assert "OR 1=1" not in compile_filter('bucket == "x\' OR 1=1 --"').sql


@pytest.mark.parametrize(
    ("apart", "together"),
    [
        ("bytes > 10 kB", "bytes > 10kB"),
        ("bytes in 1 kB..2 MB", "bytes in 1kB..2MB"),
        ("delta >= 20 ms and kind == data", "delta >= 20ms and kind == data"),
        ("(delta > 1.5 s)", "(delta > 1.5s)"),
        ("bytes in (1 kB, 2 KiB)", "bytes in (1kB, 2KiB)"),
    ],
)
def test_a_unit_may_stand_apart_from_its_number(apart: str, together: str) -> None:
    one, other = compile_filter(apart), compile_filter(together)
    assert (one.sql, one.values) == (other.sql, other.values)

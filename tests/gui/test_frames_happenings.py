"""Uploads, events, requests and ends in the list of frames: where they stand, what they say, that nothing is lost."""

import json
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.analysis.event_lines import time_event
from inspector.capture.annotations import Annotation
from inspector.capture.export import ExportFormat
from inspector.capture.filter.happening_scan import FoundHappenings, Seen
from inspector.capture.filter.scan import Found
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.schema import VERSION
from inspector.capture.writer import CaptureWriter
from inspector.cli.export_command import export_capture
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Keepalive
from inspector.ui.panels.events.panel import EventsPanel
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.panels.uploads.panel import UploadsPanel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.bench.large_capture import large_capture
from tests.capture.recording import record, recording
from tests.gui.looking import column_of, detail_of, frames_of, point_in, rows_of, scroll_to, text_at
from tests.gui.test_frames_filter import type_filter
from tests.gui.test_frames_panel import Growing
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms

UPLOAD = key_of(HappeningKind.UPLOAD, 1)
BATCH = b'{"batch":[{"op_id":1,"op":"PATCH","type":"todos","id":"42","tx_id":7,"data":{"done":1}}]}'


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    """A capture of 43 frames by two connections, a refused upload and two events between them."""
    path = tmp_path / "busy.pscapture"
    with CaptureWriter(path) as writer:
        writer.event("info", "control", "Coming back online.")
        writer.event("debug", "session", "Nobody needs to know.")
        record(writer, recording("initial-ndjson"))
        upload = writer.upload_started(7, 1, 1)
        writer.upload_sends(upload, BATCH)
        writer.upload_ended(upload, UploadOutcome.REFUSED, status=409, answer='{"error":"list is archived"}')
        writer.event("warning", "faults", "The next rows are altered.", {"fault": "rows", "action": "struck"})
        record(writer, recording("incremental"))
    return path


@pytest.fixture
def panel(qtbot: QtBot, open_file: Callable[[Path], Window], busy: Path) -> FramesPanel:
    found = frames_of(open_file(busy))
    qtbot.waitUntil(lambda: found.model.happening_rows == 7)
    return found


def kinds(panel: FramesPanel) -> list[str]:
    column = column_of(panel.table, "Kind")
    return [row[column].split()[-1] for row in rows_of(panel.table)]


def test_they_stand_between_the_frames_in_the_order_of_time(panel: FramesPanel) -> None:
    rows = kinds(panel)
    assert rows[:2] == ["event", "request"]
    assert rows[12:16] == ["end", "upload", "event", "request"]
    assert rows[-1] == "end"
    assert len(rows) == 50
    assert text_at(panel.table, 13, "What it did") == "tx 7 → 409 list is archived"
    assert text_at(panel.table, 13, "Ops") == "1"
    assert text_at(panel.table, 13, "Bytes") == str(len(BATCH))
    assert text_at(panel.table, 14, "What it did") == "The next rows are altered."
    assert text_at(panel.table, 15, "What it did") == "answered 200 · NDJSON · connection 2 to localhost:8080"
    assert text_at(panel.table, 12, "What it did") == "The service ended the stream · connection 1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind == upload", ["upload"]),
        ("kind == event", ["event", "event"]),
        ("error", ["upload"]),
        ("row == todos/42", ["upload"]),
        ("type == todos and kind == upload", ["upload"]),
        ("kind in (request, end) and connection == 2", ["request", "end"]),
        ('"archived"', ["upload"]),
        ("outcome == refused", ["upload"]),
        ("marked", []),
    ],
)
def test_the_filter_reads_them_as_it_reads_frames(
    qtbot: QtBot, panel: FramesPanel, text: str, found: list[str]
) -> None:
    type_filter(qtbot, panel, text)
    qtbot.waitUntil(lambda: kinds(panel) == found)
    if found:
        assert panel.filter.count.text() == f"0 of 43 frames · {len(found)} between"


def test_frames_found_later_come_in_around_them(qtbot: QtBot, panel: FramesPanel) -> None:
    type_filter(qtbot, panel, "kind in (checkpoint, upload, request)")
    qtbot.waitUntil(lambda: kinds(panel) == ["request", "checkpoint", "upload", "request", "checkpoint"])
    assert panel.filter.count.text() == "2 of 43 frames · 3 between"


def test_they_sort_with_the_frames(qtbot: QtBot, panel: FramesPanel) -> None:
    header = panel.table.header
    header.sectionClicked.emit(column_of(panel.table, "What it did"))
    qtbot.waitUntil(lambda: panel.model.sorted)
    assert kinds(panel)[0] == "upload"
    header.sectionClicked.emit(column_of(panel.table, "Δ s"))
    qtbot.waitUntil(lambda: panel.model.sorted and kinds(panel)[0] != "upload")
    deltas = [row[column_of(panel.table, "Δ s")] for row in rows_of(panel.table)]
    shown = [float(delta.replace("\u2009", "")) for delta in deltas if delta]
    assert len(shown) == 49
    assert shown == sorted(shown, reverse=True)


def test_from_one_kind_to_the_other_the_list_always_has_a_current_row(panel: FramesPanel) -> None:
    rows: list[int] = []
    frame, upload = kinds(panel).index("checkpoint"), kinds(panel).index("upload")
    panel.table.choose_row(frame)
    panel.table.row_chosen.connect(rows.append)
    panel.table.choose_row(upload)
    panel.table.choose_row(frame)
    assert rows == [upload, frame]


def test_how_the_list_is_sorted_is_remembered(
    qtbot: QtBot, panel: FramesPanel, settings: QSettings, open_file: Callable[[Path], Window], busy: Path
) -> None:
    panel.table.header.sectionClicked.emit(column_of(panel.table, "Bytes"))
    panel.save()
    again = frames_of(open_file(busy))
    qtbot.waitUntil(lambda: again.model.sorted)
    assert text_at(again.table, 0, "Bytes") == "52\u2009225"


def test_a_click_selects_one_in_place_of_a_frame_and_the_way_back_is_kept(qtbot: QtBot, panel: FramesPanel) -> None:
    selection = panel.window().selection  # type: ignore[attr-defined]
    viewport = panel.table.viewport()
    panel.table.scrollToTop()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point_in(panel.table, 11, "Kind"))
    assert selection.frame == 10
    qtbot.wait(1)
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point_in(panel.table, 13, "Kind"))
    assert (selection.frame, selection.happening) == (None, UPLOAD)
    qtbot.wait(1)
    panel.window().history.back()  # type: ignore[attr-defined]
    assert (selection.frame, selection.happening) == (10, None)
    assert panel.table.currentIndex().row() == 11


def test_detail_takes_the_selected_one_apart(qtbot: QtBot, panel: FramesPanel) -> None:
    detail = detail_of(panel.window())  # type: ignore[arg-type]
    panel.table.choose_row(13)
    qtbot.waitUntil(lambda: "tx 7 → 409" in detail.heading.text())
    fields = {row[0]: row[1] for row in rows_of(detail.tree)}
    assert fields["status"] == "409"
    assert fields["error"] == '"list is archived"'
    assert fields["id"] == '"42"'
    panel.table.choose_row(15)
    qtbot.waitUntil(lambda: "request of connection 2" in detail.heading.text())
    panel.table.choose_row(11)
    qtbot.waitUntil(lambda: "frame 10 " in detail.heading.text())


def test_an_upload_and_an_event_lead_to_their_panels_and_back(qtbot: QtBot, panel: FramesPanel) -> None:
    window = panel.window()
    assert isinstance(window, Window)
    uploads, events = window.docks["uploads"].panel, window.docks["events"].panel
    assert isinstance(uploads, UploadsPanel)
    assert isinstance(events, EventsPanel)
    viewport = panel.table.viewport()
    panel.table.scrollToTop()
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, alt, point_in(panel.table, 13, "Kind"))
    qtbot.waitUntil(lambda: uploads.log.isVisible() and uploads.log.currentIndex().row() == 0)
    qtbot.waitUntil(lambda: "archived" in uploads.exchange.toPlainText())
    panel.table.scrollToTop()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, alt, point_in(panel.table, 14, "Kind"))
    qtbot.waitUntil(lambda: events.isVisible() and events.table.currentIndex().isValid())
    line = events.model.record(events.table.currentIndex().row())
    assert line is not None
    assert line.event.message == "The next rows are altered."
    events.table.scrollToTop()
    qtbot.mouseClick(
        events.table.viewport(), Qt.MouseButton.LeftButton, alt, point_in(events.table, 0, "What happened")
    )
    assert window.selection.happening == key_of(HappeningKind.EVENT, 1)
    assert panel.table.currentIndex().row() == 0
    # To where each was followed, and to where it was followed from.
    for row in (14, 14, 13, 13):
        qtbot.wait(1)
        window.history.back()
        assert panel.table.currentIndex().row() == row


def test_without_them_an_event_leads_to_a_frame_of_its_own_connection(tmp_path: Path) -> None:
    path = tmp_path / "two.pscapture"
    with CaptureWriter(path) as writer:
        record(writer, recording("resume-nochange"))
        second = writer.open_connection("http://localhost:8080", b"{}")
        writer.event("info", "transport", "Nothing has come yet.")
        writer.response(second, 200, [], FrameFormat.NDJSON)
        frame = writer.frame(second, b'{"token_expires_in":3600}', Keepalive(3600))
        writer.event("info", "transport", "Something has come.")
    with CaptureReader(path) as reader:
        assert [time_event(reader, event).frame for event in reader.events()] == [frame, frame]


def test_they_are_marked_and_exported(panel: FramesPanel, tmp_path: Path, qtbot: QtBot) -> None:
    panel.table.choose_row(13)
    panel.tools.mark()
    assert panel.annotations.of(UPLOAD) == Annotation(marked=True)
    type_filter(qtbot, panel, "marked or kind == checkpoint")
    qtbot.waitUntil(lambda: kinds(panel) == ["checkpoint", "upload", "checkpoint"])
    told: list[str] = []
    panel.tools.exporter.told.connect(lambda text, _: told.append(text))
    for form in ExportFormat:
        panel.tools.exporter.write(
            tmp_path / f"out.{form}", form, panel.tools.entries_to_export(), dict(panel.annotations.all)
        )
        qtbot.waitUntil((tmp_path / f"out.{form}").exists)
    qtbot.waitUntil(lambda: len([text for text in told if "written to out" in text]) == 3)
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    assert '"upload":1' in lines[1]
    assert '"what_it_did":"tx 7 → 409 list is archived"' in lines[1]
    assert '"marked":true' in lines[1]
    assert ",upload," in (tmp_path / "out.csv").read_text().splitlines()[2]
    assert "archived" not in (tmp_path / "out.har").read_text()
    assert told[-1] == "2 frames written to out.har. 1 row between them have no place in an HTTP archive."


def test_they_can_be_left_out(panel: FramesPanel, settings: QSettings) -> None:
    panel.window().actions_.show_happenings.trigger()  # type: ignore[attr-defined]
    assert panel.model.row_count() == 43
    assert settings.value("frames/happenings") in (False, "false")


def test_they_come_live_and_change_when_they_end(
    qtbot: QtBot, tmp_path: Path, open_window: Callable[[Source | None], Window]
) -> None:
    growing = Growing(tmp_path / "live.pscapture", open_window(None))
    panel = frames_of(growing.window)
    growing.receive(3)
    qtbot.waitUntil(lambda: kinds(panel) == ["request", *["token_expires_in"] * 3])
    upload = growing.writer.upload_started(1, 1, 2)
    growing.receive(0)
    qtbot.waitUntil(lambda: panel.model.row_count() == 5)
    assert text_at(panel.table, 4, "What it did") == "tx 1 → no answer yet"
    growing.receive(2)
    growing.writer.upload_ended(upload, UploadOutcome.ACCEPTED, status=200)
    growing.writer.event("info", "control", "Going offline.")
    growing.receive(1)
    qtbot.waitUntil(lambda: panel.model.row_count() == 9)
    assert kinds(panel)[4:] == ["upload", "token_expires_in", "token_expires_in", "event", "token_expires_in"]
    assert text_at(panel.table, 4, "What it did") == "tx 1 → 200"
    assert panel.table.at_end()
    type_filter(qtbot, panel, "outcome == sending")
    upload = growing.writer.upload_started(2, 3, 3)
    growing.receive(1)
    qtbot.waitUntil(lambda: kinds(panel) == ["upload"])
    growing.writer.upload_ended(upload, UploadOutcome.ACCEPTED, status=200)
    growing.receive(1)
    qtbot.waitUntil(lambda: kinds(panel) == [])


def test_a_capture_of_an_older_version_has_them_too_and_is_raised_when_it_is_continued(busy: Path) -> None:
    with CaptureReader(busy) as reader:
        assert reader.uploads.request(1) == BATCH.decode()
        assert reader.uploads.newest(1)[0].bytes == len(BATCH)
        bucket = '1#my_lists|0["user-1"]'
        frames = reader.data_frames(bucket)
    old = apsw.Connection(str(busy))
    old.execute("DROP INDEX frames_of_bucket; DROP INDEX connections_started_at; DROP TABLE local_writes")
    old.execute("ALTER TABLE uploads DROP COLUMN bytes; ALTER TABLE uploads DROP COLUMN request")
    old.execute("PRAGMA user_version = 3")
    old.close()
    with CaptureReader(busy) as reader:
        assert len(reader.scan().find_happenings(None, Seen()).keys) == 7
        assert reader.happenings([UPLOAD])[UPLOAD].bytes is None
        assert reader.uploads.request(1) is None
        assert reader.uploads.newest(1)[0].status == 409
        assert reader.data_frames(bucket) == frames
    CaptureWriter(busy).close()
    with CaptureReader(busy) as reader:
        assert reader.happenings([UPLOAD])[UPLOAD].outcome == "refused"
        assert reader.data_frames(bucket) == frames
        sql = "EXPLAIN QUERY PLAN SELECT id FROM frames WHERE bucket = '' AND kind = 'data' AND last_op_id > 5"
        assert "COVERING INDEX frames_of_bucket" in str(reader.sqlite.execute(sql).fetchall())
    assert apsw.Connection(str(busy)).pragma("user_version") == VERSION


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("frames"), st.integers(1, 40), st.integers(0, 12), st.sets(st.integers(1, 50), max_size=8)),
        st.tuples(st.just("events"), st.integers(0, 50), st.integers(0, 5), st.integers(1, 3)),
    ),
    max_size=12,
)


def test_the_command_line_exports_them_when_it_is_told_to(busy: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.ndjson"
    export_capture(busy, "kind in (upload, checkpoint, end)", "", output, between=True)
    kinds = [json.loads(line)["kind"] for line in output.read_text().splitlines()]
    assert kinds == ["checkpoint", "end", "upload", "checkpoint", "end"]
    export_capture(busy, "", "", output)
    assert len(output.read_text().splitlines()) == 43


def test_thousands_of_them_do_not_hold_the_window_up(
    qtbot: QtBot, tmp_path: Path, open_file: Callable[[Path], Window]
) -> None:
    path = large_capture(tmp_path / "large.pscapture", 20_000)
    capture = apsw.Connection(str(path))
    capture.execute(
        "INSERT INTO events SELECT id, received_at + 1, 'info', 'transport', 'Something happened.', NULL"
        " FROM frames WHERE id % 5 = 0"
    )
    capture.close()
    panel = frames_of(open_file(path))
    qtbot.waitUntil(lambda: panel.model.happening_rows > 4_000)
    assert panel.table.at_end()
    bar = panel.table.verticalScrollBar()
    with watchdog() as dog:
        for part in range(10):
            dog.do(partial(scroll_to, bar, part / 10))
        for text in ("kind == event", "kind in (data, event)", "since checkpoint 5000"):
            dog.do(partial(panel.filter.set_filter, text))
            dog.wait_for(lambda: not panel.search.searching and panel.model.happening_rows > 1_000)
        dog.do(panel.filter.edit.clear)
        dog.do(lambda: panel.table.header.sectionClicked.emit(column_of(panel.table, "Δ s")))
        dog.wait_for(lambda: panel.model.sorted)
    assert dog.busiest_ms < stall_ms()
    assert panel.model.rows_held < 10_000


def test_many_are_taken_in_one_go_and_those_after_frames_to_come_wait(tmp_path: Path, busy: Path) -> None:
    model = FramesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_capture(CaptureReader(busy))
    keys = array("q", (key_of(HappeningKind.EVENT, number) for number in range(1, 301)))
    after = array("q", (number // 6 for number in range(300)))
    model.take_happenings(FoundHappenings(keys, after, array("q", range(300))))
    assert model.happening_rows == sum(frame <= 43 for frame in after)
    assert list(model.entries_shown())[5:9] == [keys[5], 1, keys[6], keys[7]]
    assert model.row_of(43) == 43 * 6 + 42
    model.show_capture(None)
    assert tester.model() is model


@settings(max_examples=40)
@given(STEPS)
def test_rows_of_both_kinds_change_as_qt_wants_it(steps: list[tuple[str, int, int, object]]) -> None:
    model = FramesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_found()
    frames: dict[int, None] = {}
    events: list[tuple[int, int, int]] = []
    rows: list[int] = []
    model.rowsInserted.connect(lambda _, first, last: rows.extend([0] * (last - first + 1)))
    model.rowsRemoved.connect(lambda _, first, last: rows.__delitem__(slice(0, last - first + 1)))
    for what, first, size, more in steps:
        if what == "frames":
            assert isinstance(more, set)
            last = first + size
            found = sorted(frame for frame in more if first <= frame <= last)
            frames = {frame: None for frame in frames if not first <= frame <= last} | dict.fromkeys(found)
            model.take(Found(first, last, array("q", found)))
        else:
            assert isinstance(more, int)
            new = [(first, size, key_of(HappeningKind.EVENT, len(events) + i + 1)) for i in range(more)]
            events += new
            after, at, keys = zip(*new, strict=True)
            model.take_happenings(FoundHappenings(array("q", keys), array("q", after), array("q", at)))
        wanted = sorted([(frame, -1, 0, frame) for frame in frames] + [(a, t, -k, k) for a, t, k in events])
        assert list(model.entries_shown()) == [entry for *_, entry in wanted]
        assert [*model.entries_shown()[1:4]] == [entry for *_, entry in wanted][1:4]
        assert [model.entry_at(row) for row in range(model.row_count())] == [entry for *_, entry in wanted]
        assert all(model.row_of(entry) == row for row, (*_, entry) in enumerate(wanted))
        assert len(rows) == len(wanted)
    assert tester.model() is model

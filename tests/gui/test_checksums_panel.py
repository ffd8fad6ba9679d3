"""The checksums panel: sums and history, mismatches with their evidence, and each operation's own checksum."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.protocol.checksums import put_checksum
from inspector.protocol.framing import FrameFormat
from inspector.ui.panels.checksums.panel import ChecksumsPanel
from inspector.ui.sources import FileSource, Source
from inspector.ui.window import Window
from tests.analysis.test_mismatch import client
from tests.capture.test_timeline import Scene
from tests.gui.conftest import PATIENCE_MS
from tests.gui.looking import point_in, text_at
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"


def checksums_of(window: Window) -> ChecksumsPanel:
    panel = window.docks["checksums"].panel
    assert isinstance(panel, ChecksumsPanel)
    window.selection.reveal("checksums")
    return panel


def put(op_id: int, data: str, checksum: int | None = None) -> str:
    own = put_checksum("todos", f"t{op_id}", data.replace("\\", "")) if checksum is None else checksum
    return (
        f'{{"op_id":"{op_id}","op":"PUT","object_type":"todos","object_id":"t{op_id}","data":"{data}",'
        f'"checksum":{own}}}'
    )


def checkpoint(op_id: int, checksum: int, count: int) -> bytes:
    bucket = f'{{"bucket":"b[]","checksum":{checksum},"count":{count}}}'
    return f'{{"checkpoint":{{"last_op_id":"{op_id}","buckets":[{bucket}]}}}}'.encode()


def data(*operations: str) -> bytes:
    return f'{{"data":{{"bucket":"b[]","data":[{",".join(operations)}]}}}}'.encode()


@pytest.fixture
def altered(tmp_path: Path) -> Path:
    """Operation 2 arrives altered with its checksum, once: the bucket fails, and is downloaded again."""
    good = [put(1, "{}"), put(2, '{\\"done\\":0}'), put(3, "{}")]
    wrong = put(2, '{\\"done\\":1}')
    total = sum(put_checksum("todos", f"t{n}", '{"done":0}' if n == 2 else "{}") for n in (1, 2, 3)) & 0xFFFF_FFFF
    complete = b'{"checkpoint_complete":{"last_op_id":"3"}}'
    with client(tmp_path) as one:
        one.play([checkpoint(3, total, 3), data(good[0], wrong, good[2]), complete], FrameFormat.NDJSON)
        one.play([checkpoint(3, total, 3), data(*good), complete], FrameFormat.NDJSON)
    return tmp_path / "stream.pscapture"


def chosen(qtbot: QtBot, window: Window, bucket: str) -> ChecksumsPanel:
    panel = checksums_of(window)
    window.selection.choose_bucket(bucket)
    qtbot.waitUntil(lambda: panel.query.result is not None and not panel.query.busy, timeout=PATIENCE_MS)
    return panel


def test_each_bucket_shows_the_expected_sum_and_ours_in_its_two_parts(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = checksums_of(open_file(capture)).table
    names = [table.row_model.copied(row, 0) for row in range(table.row_model.rowCount())]
    row = names.index('1#my_todos|0["list-1"]')
    assert text_at(table, row, "Expected") == text_at(table, row, "Ours") == "cc7c53d7"
    assert text_at(table, row, "State") == "✓ agrees"
    op, add = (int(text_at(table, row, title), 16) for title in ("Op part", "Add part"))
    assert (op + add) & 0xFFFF_FFFF == 0xCC7C53D7


def test_both_parts_of_a_sum_are_shown_or_none(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    table = checksums_of(window).table
    shown = set()
    for width in range(1100, 1800, 40):
        window.resize(width, 900)
        titles = {table.row_model.columns[column].title for column in table.header.shown_columns()}
        shown.add(frozenset(titles & {"Op part", "Add part"}))
        assert table.horizontalScrollBar().maximum() == 0
    assert shown == {frozenset(), frozenset({"Op part", "Add part"})}


def test_a_database_file_says_what_it_does_not_hold(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    panel = checksums_of(window)
    assert text_at(panel.table, 0, "Expected") == "–"
    assert text_at(panel.table, 0, "State") == "not known"
    panel.table.choose_row(0)
    assert "keeps the sums of now only" in panel.history_note.text()


def test_the_history_tells_what_each_checkpoint_announced_and_our_verdict(
    qtbot: QtBot, open_file: Callable[[Path], Window], altered: Path
) -> None:
    window = open_file(altered)
    panel = chosen(qtbot, window, "b[]")
    assert panel.history.row_model.rowCount() == 2
    assert [text_at(panel.history, row, "Verdict") for row in (0, 1)] == ["✓ agreed", "✕ differed"]
    assert text_at(panel.history, 1, "Ours") != text_at(panel.history, 1, "Expected")
    qtbot.mouseClick(panel.history.viewport(), Qt.MouseButton.LeftButton, pos=point_in(panel.history, 1, "Verdict"))
    assert (window.selection.checkpoint, window.selection.frame) == (1, 1)


def test_a_mismatch_names_the_altered_operation_its_field_and_who_is_to_blame(
    qtbot: QtBot, open_file: Callable[[Path], Window], altered: Path
) -> None:
    window = open_file(altered)
    panel = chosen(qtbot, window, "b[]")
    qtbot.mouseClick(panel.strip._group.button(1), Qt.MouseButton.LeftButton)
    assert panel.report.verdict.isVisible()
    assert "not the client" in panel.report.verdict.text().replace("and not", "not")
    assert panel.differences.row_model.rowCount() == 1
    assert text_at(panel.differences, 0, "How") == "≠ altered"
    assert "done: 1 → 0" in text_at(panel.differences, 0, "What differs")
    panel.differences.choose_row(0)
    assert window.selection.row is not None
    assert window.selection.row.id == "t2"
    assert "never agreed before" in panel.report.drift.text()
    assert not panel.report.show_agreed.isVisible()
    assert "Downloading it again took 3 operations" in panel.report.remarks.text()


def test_checking_finds_the_operation_that_has_not_the_checksum_of_its_content(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    scene = Scene(tmp_path / "wrong.pscapture")
    scene.connect()
    scene.receive(checkpoint(2, 0, 2))
    frame, _ = scene.receive(data(put(1, "{}"), put(2, "{}", 5)))
    scene.disconnect()
    scene.writer.close()
    window = open_file(scene.path)
    panel = chosen(qtbot, window, "b[]")
    assert text_at(panel.table, 0, "Each operation") == "not checked"
    qtbot.mouseClick(panel.check_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.checking.running, timeout=PATIENCE_MS)
    assert "✕" in text_at(panel.table, 0, "Each operation")
    assert text_at(panel.bad, 0, "Its checksum") == "00000005"
    panel.bad.choose_row(0)
    assert window.selection.frame == frame


def test_operations_of_a_real_service_all_agree_and_cancel_drops_the_run(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = checksums_of(open_file(capture))
    panel.check_all.click()
    panel.cancel.click()
    qtbot.waitUntil(lambda: not panel.checking.running, timeout=PATIENCE_MS)
    panel.check_all.click()
    qtbot.waitUntil(lambda: not panel.checking.running, timeout=PATIENCE_MS)
    shown = [text_at(panel.table, row, "Each operation") for row in range(panel.table.row_model.rowCount())]
    assert all(text.startswith("✓") for text in shown)


def test_the_models_keep_qts_promises(qtbot: QtBot, open_file: Callable[[Path], Window], altered: Path) -> None:
    window = open_file(altered)
    panel = checksums_of(window)
    models = (panel.model, panel.history_model, panel.difference_model, panel.bad_model)
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, mode) for model in models]
    chosen(qtbot, window, "b[]")
    panel.check_all.click()
    qtbot.waitUntil(lambda: not panel.checking.running, timeout=PATIENCE_MS)
    window.feed.close()
    assert [model.rowCount() for model in models] == [0, 0, 0, 0]
    assert len(testers) == 4


def test_an_empty_window_says_what_would_be_here(open_window: Callable[[Source | None], Window]) -> None:
    panel = checksums_of(open_window(None))
    assert "start the demo" in panel.note.text()


def test_the_last_agreement_is_one_click_away(
    qtbot: QtBot, open_window: Callable[[Source | None], Window], tmp_path: Path
) -> None:
    own = put_checksum("todos", "t1", "{}")
    more = f'"updated_buckets":[{{"bucket":"b[]","checksum":{own + 5},"count":2}}]'
    frames = [
        checkpoint(1, own, 1),
        data(put(1, "{}")),
        b'{"checkpoint_complete":{"last_op_id":"1"}}',
        f'{{"checkpoint_diff":{{"last_op_id":"2","removed_buckets":[],{more}}}}}'.encode(),
        data(put(2, "{}", 9)),
        b'{"checkpoint_complete":{"last_op_id":"2"}}',
    ]
    with client(tmp_path) as one:
        one.play(frames, FrameFormat.NDJSON)
    window = open_window(FileSource(tmp_path / "stream.pscapture"))
    panel = checksums_of(window)
    qtbot.waitUntil(lambda: panel.model.row_count() == 1, timeout=PATIENCE_MS)
    panel.table.choose_row(0)
    qtbot.waitUntil(
        lambda: not panel.report.show_agreed.isHidden() and bool(panel.report.drift.text()), timeout=PATIENCE_MS
    )
    panel._show_page(1)
    assert "1 line with 1 operation came for it in between." in panel.report.drift.text()
    qtbot.waitUntil(panel.report.show_line.isVisible, timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.report.show_line, Qt.MouseButton.LeftButton)
    assert window.selection.frame == 5
    window.selection.reveal("checksums")
    qtbot.mouseClick(panel.report.show_agreed, Qt.MouseButton.LeftButton)
    assert (window.selection.checkpoint, window.selection.frame) == (1, 3)
    assert window.selection.moment is not None

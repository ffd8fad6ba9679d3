"""The buckets: grouped, counted, checked; and a dash where a source does not know."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.capture.rows import ExpectedBucket
from inspector.store.records import BucketRow
from inspector.ui.bucket_state import Bucket, Check, Failures, put_together
from inspector.ui.panels.buckets.about import about_bucket
from inspector.ui.panels.buckets.model import BucketsModel
from inspector.ui.sources import Source
from inspector.ui.window import Window
from tests.capture.recording import record_to
from tests.gui.looking import buckets_of, column_of, point_in, rows_of, text_at
from tests.recordings import CAPTURES

STATES = CAPTURES.parent / "databases" / "states"
EXPECTED = json.loads((CAPTURES / "expected.json").read_text())


def local(name: str, **figures: int) -> BucketRow:
    known: dict[str, Any] = {"id": 1, "last_op": 7, "last_applied_op": 7, "downloaded_size": 0}
    known |= dict.fromkeys(("count_at_last", "count_since_last", "add_checksum", "op_checksum", "put_rows"), 0)
    return BucketRow(name=name, pending_delete=False, counted=True, **(known | figures))


def expected(name: str, checksum: int, count: int) -> ExpectedBucket:
    return ExpectedBucket(name, checksum, count, None, None, 7)


def bucket(here: BucketRow | None, there: ExpectedBucket | None, failures: Failures = Failures()) -> Bucket:  # noqa: B008
    name = (here.name if here else there.bucket if there else "") or "b[]"
    (_, (found,)), *_ = put_together(
        [here] if here else [], {name: there} if there else {}, {name: failures}, None, has_capture=True
    ).streams
    return Bucket(found.name, found.local, found.expected, found.failures)


def test_buckets_stand_below_their_streams_most_urgent_first(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = buckets_of(open_file(capture)).table
    names = [row[0] for row in rows_of(table)]
    assert names == [
        "my_lists", '["user-1"]', "all_notes", "[]", "my_todos", '["list-1"]', '["list-4"]', '["list-7"]', '["list-10"]'
    ]  # fmt: skip
    assert text_at(table, 0, "Operations") == "P1"
    assert text_at(table, 1, "Operations") == "6"
    assert text_at(table, 1, "Rows") == "4"
    assert text_at(table, 1, "Check") == "✓ "


def test_both_checksums_are_those_of_the_official_client(open_file: Callable[[Path], Window], tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", *EXPECTED["incremental"]["replay"])
    table = buckets_of(open_file(capture)).table
    shown = {
        table.row_model.copied(row, 0): {text_at(table, row, "Expected"), text_at(table, row, "Ours")}
        for row in range(table.row_model.rowCount())
        if text_at(table, row, "Ours")
    }
    wanted = {name: {f"{held['checksum']:08x}"} for name, held in EXPECTED["incremental"]["buckets"].items()}
    assert shown == wanted


def test_a_database_says_that_it_does_not_know_what_is_expected(open_file: Callable[[Path], Window]) -> None:
    table = buckets_of(open_file(STATES / "up-to-date.db")).table
    assert text_at(table, 1, "Expected") == "not in a file"
    assert text_at(table, 1, "Check") == "–"
    assert table.tooltip_at(point_in(table, 1, "Check")).startswith("A client database does not hold")
    assert text_at(table, 0, "Operations") == "–"


def test_a_capture_from_the_middle_does_not_guess_what_is_downloaded(
    open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    table = buckets_of(open_file(record_to(tmp_path / "stream.pscapture", "incremental"))).table
    assert text_at(table, 1, "Operations") == "6"
    assert text_at(table, 1, "Rows") == "–"
    assert text_at(table, 1, "Ours") == "–"
    assert text_at(table, 1, "Check") == "–"


def test_the_area_below_tells_of_the_selected_bucket(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = buckets_of(open_file(capture))
    assert not panel.about.isVisible()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=point_in(panel.table, 5, "Rows"))
    assert panel.about.title.text() == 'my_todos["list-1"]'
    assert "Operations up to 1598 are downloaded and shown." in panel.about.sentences.text()
    assert panel.about.checksums.text() == "expected cc7c53d7 = ours cc7c53d7"


def test_in_a_low_dock_the_list_has_the_room_of_the_words_below_it(
    open_file: Callable[[Path], Window], capture: Path
) -> None:
    panel = buckets_of(open_file(capture))
    panel.table.choose_row(1)
    for height, told in ((500, True), (150, False), (500, True)):
        panel.resize(900, height)
        assert panel.totals.isVisibleTo(panel) == told
        assert panel.about.isVisibleTo(panel) == told


def test_streams_close_and_open_by_mouse_and_by_keys(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = buckets_of(open_file(capture)).table
    table.choose_row(5)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert table.currentIndex().row() == 4
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert table.row_model.rowCount() == 5
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert table.row_model.rowCount() == 9
    arrow = point_in(table, 0, "Stream / bucket")
    arrow.setX(12)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    assert table.row_model.rowCount() == 8


def test_a_stream_that_is_closed_over_the_current_bucket_is_current_in_its_place(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    table = buckets_of(open_file(capture)).table
    first = next(row for row in range(table.row_model.rowCount()) if table.row_model.parent_row(row) is not None)
    table.choose_row(first)
    arrow = point_in(table, first - 1, "Stream / bucket")
    arrow.setX(12)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    assert table.currentIndex().row() == first - 1


def test_the_tab_counts_the_buckets(open_file: Callable[[Path], Window], capture: Path) -> None:
    window = open_file(capture)
    assert window.docks["buckets"].count == 6
    assert window.docks["buckets"].toggleViewAction().text() == "Buckets"


def test_the_model_keeps_qts_promises(capture: Path) -> None:
    model = BucketsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    snapshot = put_together([local("a[1]"), local("a[2]"), local("odd name")], {}, {}, None, has_capture=False)
    model.show_snapshot(snapshot)
    model.set_expanded(0, False)
    model.set_expanded(0, True)
    model.show_snapshot(None)
    assert tester.model() is model


def test_equal_checksums_are_valid_and_different_ones_of_a_whole_bucket_are_a_mismatch() -> None:
    there = expected("b[]", 0x1_0000_0005 & 0xFFFF_FFFF, 3)
    assert bucket(local("b[]", count_at_last=3, op_checksum=5), there).check is Check.VALID
    assert bucket(local("b[]", count_at_last=3, op_checksum=6), there).check is Check.MISMATCH


def test_a_bucket_that_is_still_coming_is_downloading_and_not_wrong() -> None:
    half = bucket(local("b[]", count_since_last=1, op_checksum=6), expected("b[]", 5, 4))
    assert half.check is Check.DOWNLOADING
    assert half.progress == 25
    assert bucket(None, expected("b[]", 5, 4)).progress == 0


def test_a_bucket_that_failed_is_a_mismatch_until_it_is_valid_again() -> None:
    failed = Failures(2, 5)
    assert bucket(None, expected("b[]", 5, 4), failed).check is Check.MISMATCH
    healed = bucket(local("b[]", count_at_last=4, op_checksum=5), expected("b[]", 5, 4), failed)
    assert healed.check is Check.VALID


def test_a_bucket_that_failed_once_is_not_wrong_while_a_later_checkpoint_is_on_its_way() -> None:
    here = local("b[]", count_at_last=4, op_checksum=5)
    assert bucket(here, expected("b[]", 6, 5), Failures(1, 5)).check is Check.DOWNLOADING


def test_an_empty_bucket_is_called_empty() -> None:
    assert bucket(local("b[]"), expected("b[]", 0, 0)).check is Check.EMPTY
    assert "finds no rows" in about_bucket(bucket(local("b[]"), expected("b[]", 0, 0))).sentences


def test_many_operations_a_row_are_said_with_what_compacting_would_save() -> None:
    here = local("b[]", count_at_last=470, op_checksum=5, put_rows=100)
    crowded = bucket(here, expected("b[]", 5, 470))
    model = BucketsModel()
    model.show_snapshot(put_together([here], {"b[]": expected("b[]", 5, 470)}, {}, None, has_capture=True))
    check = next(i for i, column in enumerate(model.columns) if column.title == "Check")
    assert model.cell(1, check).text == "4.7×"
    assert about_bucket(crowded).sentences.count("4.7 operations a row: compacting would save") == 1


def test_a_bucket_that_is_still_coming_is_not_said_to_need_compacting() -> None:
    here = local("b[]", count_since_last=25, op_checksum=5, put_rows=25)
    coming = bucket(here, expected("b[]", 6, 1_000))
    assert coming.ratio == 1
    assert "compacting" not in about_bucket(coming).sentences


def test_an_empty_window_says_how_to_get_buckets(open_window: Callable[[Source | None], Window]) -> None:
    panel = buckets_of(open_window(None))
    assert panel.note.isVisible()
    assert "start the demo" in panel.note.text()
    assert column_of(panel.table, "Check")

"""What a bucket holds: rows, kept operations and those that came, however many there are."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.analysis.bucket_history import find_operations, read_operations
from inspector.capture.reader import CaptureReader
from inspector.store.reader import ClientDatabaseReader
from inspector.ui.bucket_state import BucketSnapshot, put_together
from inspector.ui.panels.buckets.contents import CAME, KEPT, BucketContents
from inspector.ui.panels.buckets.model import BucketsModel
from inspector.ui.panels.buckets.totals import totals_of
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.widgets.columns import Column
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.paged_model import PAGES_KEPT, PagedModel
from inspector.ui.window import Window
from inspector.words import thousands
from tests.gui.looking import buckets_of, made_for_now, scroll_to, text_at
from tests.gui.test_buckets_panel import bucket, expected, local
from tests.gui.watchdog import watchdog
from tests.gui.yardstick import stall_ms
from tests.recordings import CAPTURES
from tests.store.database_files import DATABASES, state
from tests.store.large_database import make_large

STATES = CAPTURES.parent / "databases" / "states"
PATIENCE_MS = 30_000
TODOS = '1#my_todos|0["list-1"]'


def contents_of(window: Window) -> BucketContents:
    return buckets_of(window).contents


def choose(qtbot: QtBot, window: Window, bucket: str, page: int) -> BucketContents:
    window.selection.reveal("buckets")
    contents = contents_of(window)
    contents.choice.choose(page)
    contents.choice.chosen.emit(page)
    window.selection.choose_bucket(bucket)
    query = contents.queries[page]
    qtbot.waitUntil(lambda: query.complete and not query.busy, timeout=PATIENCE_MS)
    return contents


def cell(qtbot: QtBot, contents: BucketContents, page: int, row: int, title: str) -> str:
    """A cell, once its page has been read."""
    table = (contents.rows, contents.kept, contents.came)[page]
    qtbot.waitUntil(lambda: table.row_model.record(row) is not None, timeout=PATIENCE_MS)
    return text_at(table, row, title)


def test_a_database_shows_the_rows_and_operations_of_a_bucket(
    qtbot: QtBot, open_file: Callable[[Path], Window]
) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    contents = choose(qtbot, window, TODOS, 0)
    assert contents.rows_model.row_count() == 126
    assert cell(qtbot, contents, 0, 0, "Table") == "todos"
    contents = choose(qtbot, window, TODOS, KEPT)
    assert contents.choice.remark.whole == "126 operations"
    contents.choice.resize(300, contents.choice.height())
    layout = contents.choice.layout()
    assert layout is not None
    layout.activate()
    assert contents.choice.remark.text() == "126"
    assert cell(qtbot, contents, KEPT, 125, "Op id") == "1588"
    contents.kept.choose_row(125)
    assert window.selection.operation == OperationKey(TODOS, 1588)
    assert window.selection.row is not None
    assert window.selection.row.type == "todos"


def test_a_database_says_that_it_has_no_history(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "held-by-uploads.db")
    window.selection.choose_bucket(TODOS)
    contents = contents_of(window)
    contents.choice.chosen.emit(CAME)
    contents.choice.choose(CAME)
    contents.choice.chosen.emit(CAME)
    assert "a capture has all that came" in contents.findChildren(EmptyNote)[2].text()


def test_a_capture_shows_superseded_operations_too(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    contents = choose(qtbot, window, TODOS, CAME)
    assert contents.came_model.row_count() > 126
    last = contents.came_model.row_count() - 1
    cell(qtbot, contents, CAME, last, "Now")
    now = {cell(qtbot, contents, CAME, row, "Now") for row in range(last + 1)}
    assert {"✓ kept", "○ superseded"} <= now
    contents.came.choose_row(last)
    qtbot.keyClick(contents.came, Qt.Key.Key_Return)
    assert window.selection.frame is not None


def test_what_came_is_found_by_frame_and_place(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        positions = find_operations(reader, TODOS, lambda: True)
        came = read_operations(reader, None, TODOS, positions)
    op_ids = [int(each.operation.op_id) for each in came if each is not None]
    assert op_ids == sorted(op_ids)
    assert len(op_ids) == len(positions)
    assert {each.kept for each in came if each is not None} == {None}


def test_every_version_tells_where_its_operations_are() -> None:
    for path in sorted((DATABASES / "versions").glob("*.db")):
        reader = ClientDatabaseReader(path, immutable=True)
        for each in reader.buckets():
            positions = reader.operation_positions(each.name, lambda: True)
            found = reader.operations_at(each.name, positions)
            op_ids = [operation.op_id for operation in reader.operations(each.name, limit=10_000)]
            assert [operation.op_id for operation in found if operation] == op_ids
            assert len(reader.bucket_row_positions(each.name, lambda: True)) == each.put_rows
        reader.close()


def test_rows_that_are_gone_are_blank_and_not_wrong() -> None:
    reader = ClientDatabaseReader(state("up-to-date"), immutable=True)
    assert reader.operations_at(TODOS, [10**9]) == [None]
    reader.close()


def test_a_hundred_thousand_operations_scroll_without_stalls(
    qtbot: QtBot, open_file: Callable[[Path], Window], tmp_path: Path
) -> None:
    window = open_file(make_large(tmp_path / "large.db", 100_000))
    contents = choose(qtbot, window, "all_todos[]", KEPT)
    assert contents.kept_model.row_count() == 100_000
    bar = contents.kept.verticalScrollBar()
    # Panels that nobody waits for are made in turns of their own, which tests of them look at.
    qtbot.waitUntil(lambda: all(made_for_now(window)), timeout=PATIENCE_MS)
    with watchdog() as dog:
        for part in range(20):
            dog.do(partial(scroll_to, bar, part / 19))
            dog.wait_for(lambda: not contents.queries[KEPT].busy)
    assert dog.busiest_ms < stall_ms()
    assert cell(qtbot, contents, KEPT, 99_999, "Op id") == "100000"
    assert contents.kept_model.rows_held <= PAGES_KEPT * 128


def test_choosing_a_row_of_a_bucket_chooses_it_for_all(qtbot: QtBot, open_file: Callable[[Path], Window]) -> None:
    window = open_file(STATES / "up-to-date.db")
    contents = choose(qtbot, window, TODOS, 0)
    row_id = cell(qtbot, contents, 0, 3, "Id")
    contents.rows.choose_row(3)
    assert window.selection.row == RowKey("todos", row_id)


def test_the_paged_model_keeps_qts_promises() -> None:
    model: PagedModel[int] = PagedModel((Column("Number", str),))
    asked: list[int] = []
    model.page_wanted.connect(asked.append)
    model.set_count(300)
    assert model.record(200) is None
    assert model.record(201) is None
    assert asked == [1]
    model.put_page(1, list(range(128, 256)))
    assert model.record(200) == 200
    model.set_stale()
    assert model.record(200) == 200
    assert asked == [1, 1]
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_count(10)
    model.put_page(0, list(range(10)))
    model.show_nothing()
    assert tester.model() is model


def test_the_totals_name_what_all_buckets_hold_and_warn_of_the_limit() -> None:
    few = put_together([local("a[1]", count_at_last=3), local("b[1]")], {}, {}, None, has_capture=False)
    assert totals_of(few).text == "2 buckets, 1 empty · 3 operations · 0 rows · 0 bytes downloaded"
    many = put_together([local(f"a[{n}]") for n in range(950)], {}, {}, None, has_capture=False)
    assert f"A service takes {thousands(1000)} buckets" in totals_of(many).text


def test_columns_tell_kinds_priority_and_the_subscription(capture: Path, open_file: Callable[[Path], Window]) -> None:
    table = buckets_of(open_file(capture)).table
    row = next(
        row for row in range(table.row_model.rowCount()) if text_at(table, row, "Stream / bucket") == '["list-1"]'
    )
    assert text_at(table, row, "PUT") != "–"
    assert text_at(table, row, "Priority") == "P3"
    assert text_at(table, row, "Tables") == "todos"
    assert text_at(table, row, "Brought by").startswith(("default", "my_todos"))


def test_a_bucket_that_is_coming_has_a_bar() -> None:
    model = BucketsModel()
    half = bucket(local("b[]", count_since_last=1, op_checksum=6), expected("b[]", 5, 4))
    model.show_snapshot(BucketSnapshot((("b", (half,)),), None, has_capture=True))
    check = next(i for i, column in enumerate(model.columns) if column.title == "Check")
    assert (model.cell(1, check).text, model.cell(1, check).progress) == ("25 %", 0.25)


def test_an_operation_that_is_chosen_elsewhere_is_scrolled_to_in_each_list(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    contents = choose(qtbot, window, TODOS, CAME)
    count = contents.came_model.row_count()
    last = next(row for row in reversed(range(count)) if cell(qtbot, contents, CAME, row, "Now") == "✓ kept")
    op_id = int(text_at(contents.came, last, "Op id"))
    things, panels = window.revealing.places(contents.came, 0, "buckets")
    record = contents.came_model.record(0)
    assert record is not None
    assert things.operation == OperationKey(TODOS, int(record.operation.op_id))
    assert things.frame == record.frame
    assert panels[:2] == ["row", "frames"]
    window.selection.choose_bucket('1#my_lists|0["alice"]')
    window.selection.choose_operation(OperationKey(TODOS, op_id))
    assert window.selection.bucket == TODOS
    qtbot.waitUntil(lambda: contents.came.currentIndex().row() == last, timeout=PATIENCE_MS)
    assert last in contents.came.rows_on_screen()
    contents = choose(qtbot, window, TODOS, KEPT)
    kept = contents.kept
    qtbot.waitUntil(lambda: kept.currentIndex().row() >= 0, timeout=PATIENCE_MS)
    assert cell(qtbot, contents, KEPT, kept.currentIndex().row(), "Op id") == str(op_id)
    assert window.selection.operation == OperationKey(TODOS, op_id)


def test_a_superseded_operation_moves_only_the_list_that_has_it(
    qtbot: QtBot, open_file: Callable[[Path], Window], capture: Path
) -> None:
    window = open_file(capture)
    contents = choose(qtbot, window, TODOS, CAME)
    count = contents.came_model.row_count()
    superseded = next(row for row in range(count) if "superseded" in cell(qtbot, contents, CAME, row, "Now"))
    op_id = int(text_at(contents.came, superseded, "Op id"))
    window.selection.choose_operation(OperationKey(TODOS, op_id))
    qtbot.waitUntil(lambda: contents.came.currentIndex().row() == superseded, timeout=PATIENCE_MS)
    contents = choose(qtbot, window, TODOS, KEPT)
    assert contents.kept.currentIndex().row() < 0
    assert window.selection.operation == OperationKey(TODOS, op_id)

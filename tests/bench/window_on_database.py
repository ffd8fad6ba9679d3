"""The window on a large client database: stalls while one looks at buckets, data and SQL, and its memory."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui.app import share_the_interpreter, spare_the_start
from inspector.ui.panels.buckets.contents import KEPT
from inspector.ui.panels.buckets.panel import BucketsPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from inspector.words import thousands
from tests.bench.bytecode import keep_bytecode
from tests.bench.panels import look_at_panels, use_perspectives
from tests.bench.steps import PATIENCE_S, Steps
from tests.bench.window import tell_start
from tests.gui.looking import scroll_to
from tests.gui.watchdog import Watchdog
from tests.store.large_database import make_large


def measure(operations: int, say: Callable[[str], None]) -> bool:
    """Make a client database and use the window on it; whether all bounds were kept."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    steps = Steps(say)
    with tempfile.TemporaryDirectory() as folder:
        database = make_large(Path(folder) / "large.db", operations)
        say(f"a client database of {thousands(operations)} operations, {database.stat().st_size / 1e6:.0f} MB")
        keep_bytecode(Path(folder) / "bytecode")
        tell_start(database, steps)
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        share_the_interpreter()
        window = Window(settings, Appearance(application, settings, ThemeChoice.DARK))
        window.show()
        spare_the_start()
        application.processEvents()
        try:
            use_database(window, database, operations, steps)
        finally:
            window.close()
    return steps.end()


def use_database(window: Window, database: Path, operations: int, steps: Steps) -> None:
    """Everything, in the order in which a user would do it."""
    steps.head("opening")
    steps.do(
        "open it, until the bucket is listed",
        lambda: window.open(FileSource(database)),
        until=lambda: window.buckets.snapshot is not None,
    )
    steps.do("meanwhile, until its rows are counted", until=lambda: not window.buckets.busy)
    _use_bucket(window, steps)
    _use_data(window, operations, steps)
    _use_sql(window, steps)
    use_perspectives(window, steps)
    look_at_panels(window, steps)


def _use_bucket(window: Window, steps: Steps) -> None:
    steps.head("the bucket")
    steps.do("go to Buckets", lambda: window.selection.reveal("buckets"))
    buckets = window.docks["buckets"].panel
    assert isinstance(buckets, BucketsPanel)
    contents = buckets.contents
    contents.choice.choose(KEPT)
    contents.choice.chosen.emit(KEPT)
    operations = contents.queries[KEPT]
    steps.do(
        "list the bucket's operations",
        lambda: window.selection.choose_bucket("all_todos[]"),
        until=lambda: operations.complete and not operations.busy,
    )
    _scroll("scroll through them", contents.kept, lambda: not operations.busy, steps)


def _use_data(window: Window, operations: int, steps: Steps) -> None:
    steps.head("data")
    steps.do("go to Data", lambda: window.selection.reveal("data"))
    data = window.docks["data"].panel
    assert isinstance(data, DataPanel)
    steps.do("list the rows of the table", until=lambda: data.grid is not None and data.rows.complete)
    grid = data.grid
    assert grid is not None
    _scroll("scroll through them", grid.table, lambda: not data.rows.busy, steps)
    steps.do(
        "search all columns",
        lambda: data.search.setText(f"number {operations - 1}"),
        until=lambda: 0 < grid.model.row_count() < 100,
    )
    steps.do("end the search", lambda: data.clear_filters.trigger(), until=lambda: data.rows.complete)
    steps.do("sort by a column", lambda: grid.table.header.sectionClicked.emit(1), until=lambda: data.rows.complete)


def _use_sql(window: Window, steps: Steps) -> None:
    steps.head("SQL")
    steps.do("go to SQL", lambda: window.selection.reveal("sql"))
    sql = window.docks["sql"].panel
    assert isinstance(sql, SqlPanel)
    sql.editor.setPlainText("SELECT * FROM ps_oplog")
    steps.do("SELECT * FROM ps_oplog", sql.run, until=lambda: not sql.runner.running)
    assert sql.results.table is not None
    _scroll("scroll through the result", sql.results.table, lambda: True, steps)


def _scroll(name: str, table: RowTable, settled: Callable[[], bool], steps: Steps) -> None:
    bar = table.verticalScrollBar()
    dog = Watchdog()
    for place in range(30):
        dog.do(partial(scroll_to, bar, place / 29))
        dog.wait_for(settled, seconds=PATIENCE_S)
    steps.tell(f"{name}, thirty places", dog)

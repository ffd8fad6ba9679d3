"""The window on a large client database: stalls while one looks at buckets, data and SQL, and its memory."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui.app import share_the_interpreter, spare_the_start, spare_what_came
from inspector.ui.collector import collected_here
from inspector.ui.panels.buckets.contents import KEPT
from inspector.ui.panels.buckets.panel import BucketsPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.sql.console_strip import DATABASE
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window
from inspector.words import thousands
from tests.bench.bytecode import keep_bytecode
from tests.bench.lists import scroll
from tests.bench.panels import look_at_panels, use_perspectives
from tests.bench.steps import Steps
from tests.bench.window import tell_start
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
        window.loaded.connect(spare_what_came)
        application.processEvents()
        with collected_here(), closing(window):
            use_database(window, database, operations, steps)
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
    use_bucket(window, "all_todos[]", steps)
    use_data(window, f"number {operations - 1}", steps)
    use_sql(window, steps)
    use_perspectives(window, steps)
    look_at_panels(window, steps)


def use_bucket(window: Window, bucket: str, steps: Steps) -> None:
    """List and scroll what `bucket` holds."""
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
        lambda: window.selection.choose_bucket(bucket),
        until=lambda: operations.complete and not operations.busy,
    )
    scroll(contents.kept, lambda: not operations.busy, steps)


def use_data(window: Window, words: str, steps: Steps) -> None:
    """List, scroll, search for `words` that few rows have, and sort the first table's rows."""
    steps.head("data")
    steps.do("go to Data", lambda: window.front.show("data"))
    data = window.docks["data"].panel
    assert isinstance(data, DataPanel)
    steps.do("list the rows of the table", until=lambda: data.grid is not None and data.rows.complete)
    grid = data.grid
    assert grid is not None
    scroll(grid.table, lambda: not data.rows.busy, steps)
    steps.do("search all columns", lambda: data.search.setText(words), until=lambda: 0 < grid.model.row_count() < 100)
    steps.do("end the search", lambda: data.clear_filters.trigger(), until=lambda: data.rows.complete)
    steps.do("sort by a column", lambda: grid.table.header.sectionClicked.emit(1), until=lambda: data.rows.complete)


def use_sql(window: Window, steps: Steps) -> None:
    """Select and scroll all operations."""
    steps.head("SQL")
    steps.do("go to SQL", lambda: window.selection.reveal("sql"))
    sql = window.docks["sql"].panel
    assert isinstance(sql, SqlPanel)
    sql.source.choose(DATABASE)
    sql.editor.setPlainText("SELECT * FROM ps_oplog")
    steps.do("SELECT * FROM ps_oplog", sql.run, until=lambda: not sql.runner.running)
    assert sql.results.table is not None
    scroll(sql.results.table, lambda: True, steps)

"""The window on a large client database: stalls while one looks at buckets, data and SQL, and its memory."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui.app import spare_the_start
from inspector.ui.panels.buckets.contents import KEPT
from inspector.ui.panels.buckets.panel import BucketsPanel
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.sources import FileSource
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.window import Window
from tests.bench.window import memory_mb
from tests.gui.watchdog import Watchdog
from tests.store.large_database import make_large

_PATIENCE_S = 300


class DatabaseBench:
    """One window on one client database; `say` gets a line for each measurement."""

    def __init__(self, database: Path, say: Callable[[str], None]) -> None:
        self._database, self._say = database, say
        self.worst_ms = 0.0
        """Processor time of the window's thread in its longest turn after the window was made."""

    def run(self) -> None:
        """Measure everything, in the order in which a user would do it."""
        application = QApplication.instance() or QApplication([])
        assert isinstance(application, QApplication)
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
            window = Window(settings, Appearance(application, settings, ThemeChoice.DARK))
            window.show()
            spare_the_start()
            application.processEvents()
            try:
                self._use(window)
            finally:
                window.close()

    def _use(self, window: Window) -> None:
        buckets, data, sql = (window.docks[name].panel for name in ("buckets", "data", "sql"))
        assert isinstance(buckets, BucketsPanel)
        assert isinstance(data, DataPanel)
        assert isinstance(sql, SqlPanel)
        contents = buckets.contents
        contents.choice.choose(KEPT)
        contents.choice.chosen.emit(KEPT)
        self._do(
            "open, until the bucket is listed",
            lambda: window.open(FileSource(self._database)),
            lambda: bool(buckets.model.row_count()),
        )
        self._do("count its rows", lambda: None, lambda: not window.buckets.busy)
        operations = contents.queries[KEPT]
        self._do(
            "list the bucket's operations",
            lambda: window.selection.choose_bucket("all_todos[]"),
            lambda: operations.complete and not operations.busy,
        )
        self._scroll("scroll through them", contents.kept, lambda: not operations.busy)
        window.selection.reveal("data")
        self._do("list the rows of the table", lambda: None, lambda: data.grid is not None and data.rows.complete)
        assert data.grid is not None
        grid = data.grid
        self._scroll("scroll through them", grid.table, lambda: not data.rows.busy)
        self._do(
            "search all columns", lambda: data.search.setText("number 99999"), lambda: 0 < grid.model.row_count() < 100
        )
        self._do("end the search", lambda: data.clear_filters.trigger(), lambda: data.rows.complete)
        self._do("sort by a column", lambda: grid.table.header.sectionClicked.emit(1), lambda: data.rows.complete)
        window.selection.reveal("sql")
        sql.editor.setPlainText("SELECT * FROM ps_oplog")
        self._do("SELECT * FROM ps_oplog", sql.run, lambda: not sql.runner.running)
        assert sql.table is not None
        self._scroll("scroll through the result", sql.table, lambda: True)
        self._say(f"memory of the window: {memory_mb()} MB at most")

    def _scroll(self, name: str, table: RowTable, settled: Callable[[], bool]) -> None:
        bar = table.verticalScrollBar()
        dog, begun = Watchdog(), time.perf_counter()
        for place in range(30):
            dog.do(lambda place=place: bar.setValue(bar.maximum() * place // 29))
            dog.wait_for(settled, seconds=_PATIENCE_S)
        self._tell(f"{name}, thirty places", dog, begun)

    def _do(self, name: str, action: Callable[[], object], done: Callable[[], bool]) -> None:
        dog, begun = Watchdog(), time.perf_counter()
        dog.do(action)
        dog.wait_for(done, seconds=_PATIENCE_S)
        self._tell(name, dog, begun)

    def _tell(self, name: str, dog: Watchdog, begun: float) -> None:
        dog.stop()
        dog.deleteLater()
        self.worst_ms = max(self.worst_ms, dog.busiest_ms)
        turn = f"longest turn {dog.longest_ms:.1f} ms on the wall, {dog.busiest_ms:.1f} ms of processor"
        self._say(f"{name}: {time.perf_counter() - begun:.2f} s; {turn}")


def measure(operations: int, say: Callable[[str], None]) -> float:
    """Make a client database and use the window on it; the longest turn in ms of processor time."""
    with tempfile.TemporaryDirectory() as folder:
        database = make_large(Path(folder) / "large.db", operations)
        say(f"{operations:_} operations, {database.stat().st_size / 1e6:.0f} MB")
        bench = DatabaseBench(database, say)
        bench.run()
    say(f"the longest turn of the window's thread took {bench.worst_ms:.1f} ms of processor")
    return bench.worst_ms

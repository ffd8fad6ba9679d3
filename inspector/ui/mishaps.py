"""Errors of the program itself: told in the window and on stderr, and kept as a report that can be handed on."""

import platform
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import apsw
from PySide6.QtCore import QCoreApplication, QObject, Signal, qVersion
from PySide6.QtGui import QAction, QGuiApplication

from inspector import __version__
from inspector.capture.redact import redact_text
from inspector.ui.widgets.status_line import StatusLine

_MOST_KEPT = 20
_PROGRAM = Path(__file__).resolve().parents[2]


def versions() -> str:
    """Of the program and what it stands on: `PowerSync Inspector 0.1.0, Python 3.11.7, Qt 6.8.1, …`."""
    return ", ".join(
        (
            f"PowerSync Inspector {__version__}",
            f"Python {platform.python_version()}",
            f"Qt {qVersion()}",
            f"SQLite {apsw.sqlite_lib_version()}",
            platform.platform(terse=True),
        )
    )


class Mishaps(QObject):
    """Hears of every error that nobody expected; the window goes on after each."""

    happened = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._times: Counter[str] = Counter()

    @property
    def report(self) -> str:
        """What happened, where and how often, without tokens and without the user's folders; empty before any."""
        if not self._times:
            return ""
        told = (f"{times} ×\n{text}" if times > 1 else text for text, times in self._times.items())
        return "\n\n".join((versions(), *told)) + "\n"

    def tell(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An excepthook: one sentence on stderr, and the whole of it kept."""
        frames = traceback.extract_tb(trace)
        place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
        said = redact_text(f"{kind.__name__}: {error}")
        sys.stderr.write(f"An error in the window: {said}{place}. The window goes on.\n")
        text = "\n".join((said, *(f"  {_short(each.filename)}:{each.lineno} {each.name}" for each in frames)))
        if text in self._times or len(self._times) < _MOST_KEPT:
            self._times[text] += 1
        self.happened.emit()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Hear of uncaught errors meanwhile."""
        before, sys.excepthook = sys.excepthook, self.tell
        try:
            yield
        finally:
            sys.excepthook = before


def tell_in_window(mishaps: Mishaps, copy_report: QAction, line: StatusLine) -> None:
    """Say in the window that something went wrong, and offer the report from then on."""

    def tell() -> None:
        copy_report.setVisible(True)
        text = QCoreApplication.translate("Mishaps", "✕ An error in the program: Help › {0}")
        line.mention(text.format(copy_report.text()))

    mishaps.happened.connect(tell)
    copy_report.triggered.connect(lambda: QGuiApplication.clipboard().setText(mishaps.report))


def _short(filename: str) -> str:
    """From the program's folder on; of other files the last two parts."""
    path = Path(filename)
    return str(path.relative_to(_PROGRAM)) if path.is_relative_to(_PROGRAM) else "/".join(path.parts[-2:])

"""Starts the window: the application object, the theme, the source, and an orderly end."""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QSettings, QSize, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget

from inspector.ui.collector import collected_here
from inspector.ui.complaints import Complaints
from inspector.ui.mishaps import Mishaps, tell_in_window
from inspector.ui.sources import ClientsSource, FileSource, LiveSource, Source
from inspector.ui.theme import Appearance, ThemeChoice
from inspector.ui.window import Window

__all__ = ["ClientsSource", "FileSource", "LiveSource", "run_window"]

_NO_DISPLAY = (
    "No window can be shown. Neither DISPLAY nor WAYLAND_DISPLAY is set, so there is no screen. "
    "Use --headless to follow the stream in the terminal, or --screenshot FILE to save a picture of the window."
)
_PYTHON_TURN_MS = 200
_FRAMED_MS = 300
"""After which a desktop has framed a new window."""
_SHARE_S = 0.0001
PICTURED = (1440, 900)
"""Pixels of a picture, where no other size is asked for."""


def run_window(
    source: Source | None,
    *,
    screenshot: Path | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    on_window: Callable[[Window], None] | None = None,
) -> int:
    """Show `source` until the window is closed, or until `screenshot` is saved; the process's exit code.

    `size` and `theme` are used in place of the remembered ones; `on_window` is called with the window once it is shown.
    """
    if _without_display():
        if screenshot is None:
            sys.stderr.write(f"{_NO_DISPLAY}\n")
            return 1
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    share_the_interpreter()
    application = _application()
    qInstallMessageHandler(_tell_message)
    with (
        _settings(passing=screenshot is not None) as settings,
        (mishaps := Mishaps()).heard(),
        _signals_end(application),
        collected_here(),
    ):
        appearance = Appearance(application, settings, ThemeChoice(theme) if theme is not None else None)
        first = size or PICTURED
        if screenshot is None:
            screen = application.primaryScreen()
            first = fitting(size or usual_size(screen), screen)
        window = Window(settings, appearance, size=first, remembered=size is None)
        complaints = Complaints(window.feed)
        tell_in_window(mishaps, window.actions_.copy_report, window.status_line)
        try:
            # First the source: it decides where the panels stand, and no panel is made that is not looked at.
            if source is not None:
                window.open(source)
            window.show()
            if screenshot is None:
                QTimer.singleShot(_FRAMED_MS, window, lambda: fit_frame(window))
            else:
                from inspector.ui.screenshot import Screenshot

                Screenshot(window, screenshot).finished.connect(application.exit)
            if on_window is not None:
                on_window(window)
            spare_the_start()
            window.loaded.connect(spare_what_came)
            code = application.exec()
            return code or complaints.exit_code
        finally:
            gc.unfreeze()
            window.shut_down()


def usual_size(screen: QScreen) -> tuple[int, int]:
    """What a window has that nobody has sized: three quarters of `screen`, or more where that is little."""
    room = screen.availableGeometry().size()
    return max(PICTURED[0], 3 * room.width() // 4), max(PICTURED[1], 3 * room.height() // 4)


def fitting(size: tuple[int, int], screen: QScreen) -> tuple[int, int]:
    """`size` in pixels, or as much of it as `screen` has beside its bars."""
    fits = QSize(*size).boundedTo(screen.availableGeometry().size())
    return fits.width(), fits.height()


def fit_frame(window: QWidget) -> None:
    """Have a window with the frame that the desktop gave it fit its screen: its status line would be below it."""
    beyond = window.frameGeometry().size() - window.screen().availableGeometry().size()
    if window.windowState() is Qt.WindowState.WindowNoState and (beyond.width() > 0 or beyond.height() > 0):
        window.resize(window.width() - max(0, beyond.width()), window.height() - max(0, beyond.height()))


def share_the_interpreter() -> None:
    """Have Python's threads take turns so often that the window's hardly waits for those that read files.

    By default it would wait 5 ms whenever it comes back from Qt or SQLite, which happens for each row that is read.
    """
    sys.setswitchinterval(_SHARE_S)


def spare_the_start() -> None:
    """Have Python's collector leave alone what there is now: modules, and the window with its panels.

    They stay until the end. To visit them all takes 50 ms, and would hold up whatever the user does just then.
    """
    gc.freeze()


def spare_what_came() -> None:
    """The same for what was imported and made since; what nobody refers to goes first, while the window rests."""
    gc.collect()
    gc.freeze()


def _tell_message(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Qt's own warnings on stderr, but for one that every offscreen window causes and that says nothing."""
    if "propagateSizeHints" not in message:
        sys.stderr.write(f"{message}\n")


def _without_display() -> bool:
    """Whether Qt would abort for want of a screen."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _application() -> QApplication:
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    application.setOrganizationName("powersync-inspector")
    application.setApplicationName("inspector")
    application.setApplicationDisplayName("PowerSync Inspector")
    return application


@contextmanager
def _settings(*, passing: bool) -> Iterator[QSettings]:
    """The user's settings; passing ones for a picture, which is the same on every machine and changes nothing."""
    if not passing:
        yield QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "powersync-inspector", "inspector")
        return
    with tempfile.TemporaryDirectory(prefix="powersync-inspector-") as folder:
        yield QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)


@contextmanager
def _signals_end(application: QApplication) -> Iterator[None]:
    """Ctrl+C and a polite kill close the window as its own button does."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda *_: close_windows(application)) for name in names}
    # Python handles signals between its own instructions, and an idle event loop runs none.
    turn = QTimer(interval=_PYTHON_TURN_MS)
    turn.timeout.connect(lambda: None)
    turn.start()
    try:
        yield
    finally:
        turn.stop()
        for name, handler in before.items():
            signal.signal(name, handler)


def close_windows(application: QApplication) -> None:
    """The windows first, and then what is out of them: a panel that is closed before its window would be remembered as
    closed."""
    for widget in application.topLevelWidgets():
        if isinstance(widget, Window):
            widget.close()
    application.closeAllWindows()

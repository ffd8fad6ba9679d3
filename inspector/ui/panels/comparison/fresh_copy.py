"""*Sync fresh as this user…*: asks for a token, syncs a copy, and keeps it where it lies until it is deleted."""

import shutil
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from inspector.analysis.live_sentences import describe_live
from inspector.engine import control
from inspector.ui.background import Background
from inspector.ui.fresh_sync import FreshSync
from inspector.ui.panels.comparison.work import reading_streams
from inspector.ui.panels.context import PanelContext
from inspector.ui.recent_connections import RecentConnections

if TYPE_CHECKING:
    from inspector.ui.connection_dialog.fresh_dialog import FreshSyncDialog


class FreshCopy(QObject):
    """From the question to the whole copy."""

    began = Signal()
    """The user has given a token: a copy is being synced."""
    synced = Signal(object)
    """It is whole: its client database, a Path."""
    failed = Signal(object)
    """`control.Problem`."""

    def __init__(self, context: PanelContext, panel: QWidget) -> None:
        super().__init__(panel)
        self._context, self._panel = context, panel
        self._background = Background(self)
        self.sync = FreshSync(parent=self)
        self.status = control.Status()
        self.path: Path | None = None
        """Of the last whole copy's client database; None when there is none, or none any more."""
        self.sync.progressed.connect(self._take)
        self.sync.done.connect(self._done)
        self.sync.failed.connect(self.failed)

    @cached_property
    def dialog(self) -> "FreshSyncDialog":
        """Made when it is first asked for."""
        from inspector.ui.connection_dialog.fresh_dialog import FreshSyncDialog

        recent = RecentConnections(self._context.settings, self)
        dialog = FreshSyncDialog(self._panel.window(), recent)
        dialog.chosen.connect(self._start)
        dialog.help_wanted.connect(self._context.actions.help_connect.trigger)
        self._recent = recent
        return dialog

    @property
    def words(self) -> str:
        """How far the sync is."""
        state = describe_live(self.status, time.time_ns())
        return f"{state.lead} {state.then}".strip()

    @property
    def user(self) -> str:
        """Whose token it is; empty before that is known."""
        return self.status.user_id

    @property
    def doubts(self) -> tuple[str, ...]:
        """What the service said against the streams that were asked for."""
        return tuple(problem.what for problem in self.status.stream_problems)

    def ask(self, name: str) -> None:
        """Ask for a token of the user of the open file."""
        files = self._context.feed.files

        def come_up(streams: tuple[str, ...]) -> None:
            if self._context.feed.files is files:
                self.dialog.ask_for(name, streams)

        self._background.run(reading_streams(files), come_up, lambda _: come_up(()))

    def forget(self) -> None:
        """Another file is open, or none: give up the question and the sync."""
        if "dialog" in vars(self):
            self.dialog.hide()
        self.sync.stop()
        self.path = None

    def delete(self) -> None:
        """Take the copy and its recording off the disk."""
        if self.path is not None:
            folder, self.path = self.path.parent, None
            self._background.run(lambda: shutil.rmtree(folder, ignore_errors=True), lambda _: None)

    def shut_down(self) -> None:
        """Wait until nothing runs."""
        self.sync.shut_down()
        self._background.close()
        if "dialog" in vars(self):
            self.dialog.close_down()
            self._recent.close()

    def _start(self, start: control.Start) -> None:
        self.path = None
        self.status = control.Status(phase="connecting", endpoint=start.endpoint)
        self.sync.start(start)
        self.began.emit()

    def _take(self, status: control.Status) -> None:
        self.status = status

    def _done(self, path: Path, status: control.Status) -> None:
        self.path, self.status = path, status
        self.synced.emit(path)

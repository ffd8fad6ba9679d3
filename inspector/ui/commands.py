"""What the actions do, and when they can be done."""

import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from inspector import __version__
from inspector.analysis.state import Action, DatabaseFile, EngineGone, Live
from inspector.engine import control
from inspector.ui.actions import Actions, connect
from inspector.ui.feed import Feed
from inspector.ui.mishaps import versions
from inspector.ui.panels.registry import PANELS
from inspector.ui.past_data import PastDataLoader
from inspector.ui.selection import Selection
from inspector.ui.session_commands import SessionCommands
from inspector.ui.sources import FileSource, LiveSource
from inspector.ui.theme import Appearance
from inspector.ui.upload_commands import UploadCommands

_PANELS = {entry.name for entry in PANELS}
_NEEDED_PANELS = {
    Action.SHOW_WRITE: "uploads",
    Action.DISCARD: "uploads",
    Action.SHOW_BUCKET: "checksums",
    Action.SHOW_FINDINGS: "findings",
}


class Commands(QObject):
    """Connects the shared actions to what carries them out, and greys out those that make no sense now."""

    source_wanted = Signal(object)
    """The user asked for this `Source` to be opened."""

    def __init__(
        self,
        window: QWidget,
        feed: Feed,
        selection: Selection,
        past_data: PastDataLoader,
        actions: Actions,
        appearance: Appearance,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._feed = feed
        self._selection = selection
        self._past_data = past_data
        self._actions = actions
        self._appearance = appearance
        UploadCommands(feed, actions, self)
        self.session = SessionCommands(window, feed, actions)
        self._connect()
        feed.situation_changed.connect(self._enable)
        selection.moment_changed.connect(self._enable)
        selection.frame_changed.connect(self._enable_then)
        past_data.changed.connect(self._enable)
        feed.files_changed.connect(self._enable)
        self._enable()

    def offered(self, action: Action) -> QAction | None:
        """The action behind a button of the state sentence; None where it cannot be done."""
        needed = _NEEDED_PANELS.get(action)
        if needed is not None and needed not in _PANELS:
            return None
        return self._actions.for_state(action)

    def open_path(self, path: Path) -> None:
        """Show a client database or a capture."""
        self.source_wanted.emit(FileSource(path))

    def _connect(self) -> None:
        actions, send, reveal = self._actions, self._feed.send, self._selection.reveal
        connect(actions.open_file, self._ask_for_file)
        connect(actions.reopen, self._reopen)
        connect(actions.start_demo, self._start_demo)
        connect(actions.close_source, self._feed.close)
        connect(actions.quit, self._window.close)
        connect(actions.go_offline, lambda: send(control.SetOffline(offline=True)))
        connect(actions.go_online, lambda: send(control.SetOffline(offline=False)))
        connect(actions.connect_now, lambda: send(control.Connect()))
        connect(actions.disconnect_now, lambda: send(control.Disconnect()))
        connect(actions.refresh_token, lambda: send(control.RefreshToken()))
        connect(actions.restart_engine, self._feed.restart_engine)
        connect(actions.restart_service, self._feed.restart_service)
        connect(actions.show_write, lambda: reveal("uploads"))
        connect(actions.show_findings, lambda: reveal("findings"))
        connect(actions.show_bucket, self._show_bucket)
        past = self._past_data
        connect(actions.show_then, past.show)
        connect(actions.stop_rebuilding, self._stop_rebuilding)
        connect(actions.previous_checkpoint, partial(past.step, -1))
        connect(actions.next_checkpoint, partial(past.step, 1))
        connect(actions.back_to_now, lambda: self._selection.choose_moment(None))
        connect(actions.zoom_in, lambda: self._appearance.zoom_by(1))
        connect(actions.zoom_out, lambda: self._appearance.zoom_by(-1))
        connect(actions.zoom_reset, lambda: self._appearance.zoom_by(0))
        connect(actions.about, self._tell_about)
        for choice, action in actions.themes.items():
            action.setChecked(choice is self._appearance.choice)
            connect(action, partial(self._appearance.choose, choice))

    def _enable(self) -> None:
        actions, status = self._actions, self._feed.status
        phase = status.phase if status is not None else None
        offline = phase == "offline"
        actions.go_offline.setVisible(phase is not None and not offline)
        actions.go_online.setVisible(offline)
        again = self.tr("Try now") if phase in ("waiting", "refused") else self.tr("Connect")
        actions.connect_now.setText(again)
        actions.connect_now.setIconText(again)
        actions.connect_now.setEnabled(phase in ("idle", "waiting", "refused"))
        actions.disconnect_now.setEnabled(phase in ("connecting", "connected", "waiting", "refused"))
        actions.copy_curl_with_token.setVisible(status is not None and status.token is not None)
        actions.refresh_token.setEnabled(phase in ("connected", "waiting", "refused"))
        situation = self._feed.situation
        gone = isinstance(situation, Live) and situation.service_gone is not None
        actions.restart_service.setVisible(gone)
        is_database = isinstance(situation, DatabaseFile)
        actions.compare_with.setVisible(is_database)
        actions.sync_fresh.setVisible(is_database)
        actions.export_bundle.setVisible(is_database)
        actions.restart_engine.setEnabled(isinstance(self._feed.situation, EngineGone) or phase == "stopped")
        actions.show_bucket.setEnabled(status is not None and status.mismatch is not None)
        actions.back_to_now.setEnabled(self._selection.moment is not None)
        past, recorded = self._past_data, self._feed.present.capture is not None
        self._enable_then()
        actions.stop_rebuilding.setEnabled(past.state.name == "rebuilding" or self._feed.rebuild.progress is not None)
        actions.previous_checkpoint.setEnabled(recorded)
        actions.next_checkpoint.setEnabled(recorded and past.can_show)
        actions.pause_view.setVisible(isinstance(self._feed.source, LiveSource))
        actions.reopen.setEnabled(isinstance(self._feed.source, FileSource))
        actions.close_source.setEnabled(self._feed.source is not None)

    def _stop_rebuilding(self) -> None:
        """The data of then, if it is those that are made, else those of the capture's end."""
        if self._past_data.state.name == "rebuilding":
            self._past_data.stop()
        else:
            self._feed.rebuild.stop()

    def _enable_then(self) -> None:
        past = self._past_data
        self._actions.show_then.setEnabled((past.can_show or past.can_show_frame) and not past.asked_for)

    def _show_bucket(self) -> None:
        status = self._feed.status
        if status is not None and status.mismatch is not None:
            self._selection.choose_bucket(status.mismatch.bucket)
        self._selection.reveal("checksums")

    def _ask_for_file(self) -> None:
        tr = self.tr
        name, _ = QFileDialog.getOpenFileName(
            self._window, tr("Open a client database or a capture"), "", tr("All files (*)")
        )
        if name:
            self.open_path(Path(name))

    def _reopen(self) -> None:
        if isinstance(source := self._feed.source, FileSource):
            self.open_path(source.path)

    def _start_demo(self) -> None:
        QProcess.startDetached(sys.executable, ["-m", "inspector", "demo"])

    def _tell_about(self) -> None:
        text = self.tr("PowerSync Inspector {0} shows what is on the wire, what is in the local database, and why.")
        told = f"{text.format(__version__)}\n\n{versions()}"
        QMessageBox.about(self._window, self.tr("About PowerSync Inspector"), told)

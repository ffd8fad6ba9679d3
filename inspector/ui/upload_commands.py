"""What can be done with the upload queue, and why not when it cannot."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from inspector.analysis.state import DatabaseFile, EngineGone
from inspector.analysis.upload_sentences import NOWHERE
from inspector.engine import control
from inspector.ui.actions import Actions, connect
from inspector.ui.feed import Feed


class UploadCommands(QObject):
    """Carries out the actions on local writes but for showing and discarding them, which is up to the panel."""

    def __init__(self, feed: Feed, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feed, self._actions = feed, actions
        connect(actions.upload_now, lambda: feed.send(control.Upload()))
        connect(actions.retry_upload, lambda: feed.send(control.Retry()))
        connect(actions.hold_uploads, self._hold)
        feed.situation_changed.connect(self._enable)
        self._enable()

    def _hold(self) -> None:
        status = self._feed.status
        if status is not None:
            self._feed.send(control.SetHold(hold=status.uploads != "held"))

    def _enable(self) -> None:
        actions, status = self._actions, self._feed.status
        held = status is not None and status.uploads == "held"
        title = self.tr("Resume uploads") if held else self.tr("Hold uploads")
        actions.hold_uploads.setText(title)
        actions.hold_uploads.setIconText(title)
        why_none = self._why_no_engine()
        nowhere = why_none or self._why_nowhere()
        self._offer(actions.hold_uploads, nowhere)
        self._offer(actions.upload_now, nowhere or self._why_not_now())
        failed = status is not None and status.uploads == "failed"
        self._offer(actions.retry_upload, nowhere or ("" if failed else self.tr("The last upload did not fail.")))
        nothing_waits = self.tr("No local write waits.") if self._known_pending() == 0 else ""
        self._offer(actions.discard_writes, why_none or nothing_waits)
        not_open = self.tr("Nothing is open.") if self._feed.source is None else ""
        self._offer(actions.show_write, not_open or nothing_waits)

    def _offer(self, action: QAction, why_not: str) -> None:
        """Enable `action`, or say in its tooltip why it cannot be done."""
        said = str(action.property("explains") or action.toolTip())
        action.setProperty("explains", said)
        action.setEnabled(not why_not)
        action.setToolTip(f"{said}. {why_not}" if why_not else said)

    def _known_pending(self) -> int | None:
        """How many writes wait; None where only the files tell."""
        status, situation = self._feed.status, self._feed.situation
        if isinstance(situation, DatabaseFile):
            return situation.pending_writes
        return None if status is None else status.pending_writes

    def _why_no_engine(self) -> str:
        if self._feed.status is not None:
            return ""
        if isinstance(self._feed.situation, EngineGone):
            return self.tr("The sync engine does not run.")
        if self._feed.source is None:
            return self.tr("Nothing is open.")
        return self.tr("A file is only read: its writes are not uploaded, held or discarded here.")

    def _why_nowhere(self) -> str:
        status = self._feed.status
        return NOWHERE if status is not None and status.nowhere_to_upload else ""

    def _why_not_now(self) -> str:
        status = self._feed.status
        if status is None or not status.pending_writes:
            return self.tr("No local write waits.")
        if status.uploads == "held":
            return self.tr("Uploads are held.")
        if status.phase in ("offline", "idle", "stopped"):
            return self.tr("Uploads wait for the connection.")
        return self.tr("They are being uploaded.") if status.uploads == "uploading" else ""

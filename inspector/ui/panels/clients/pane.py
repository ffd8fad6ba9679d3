"""One client: whose it is, its state in a sentence, its list, what waits to be uploaded, and its network's switch."""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QMouseEvent, Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from inspector.analysis.state import EngineGone, describe
from inspector.engine import control
from inspector.store.local_write import LocalWrite
from inspector.ui.background import Background
from inspector.ui.live_session import LiveSession
from inspector.ui.panels.clients.contents import Contents, ContentsReader
from inspector.ui.panels.clients.header import Header
from inspector.ui.panels.clients.list_heading import ListHeading
from inspector.ui.panels.clients.list_model import SharedListModel
from inspector.ui.panels.clients.list_view import SharedListView
from inspector.ui.panels.clients.pending_list import PendingList
from inspector.ui.panels.clients.state_line import StateLine
from inspector.ui.panels.context import PanelContext
from inspector.ui.widgets.empty_note import EmptyNote

_TICK_MS = 1000


class ClientPane(QFrame):
    """Follows a session for as long as it lasts."""

    wanted = Signal()
    """The other panels are to show this client."""

    def __init__(self, session: LiveSession, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = session.source.client
        self.setObjectName(f"client-{name.lower()}")
        self.setAccessibleName(self.tr("{0}'s device").format(name))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.session = session
        self._context = context
        self._background = Background(self)
        self._reader = ContentsReader()
        self._stale = False
        self._reading = False
        self.header = Header(name)
        self.state = StateLine(context.actions.for_state)
        self.heading = ListHeading()
        self.model = SharedListModel(name, self._write, self)
        self.view = SharedListView(self.model, f"list-{name.lower()}")
        self.view.setAccessibleName(self.tr("{0}'s list").format(name))
        self.empty = EmptyNote(self.view, top=0)
        self.entry = QLineEdit()
        self.entry.setObjectName(f"entry-{name.lower()}")
        self.uploads = PendingList(name)
        self._lay_out(name)
        self._connect()
        self._tell()
        self._tell_findings()
        self._show(Contents())
        self._read()

    def show_active(self, active: bool) -> None:
        """Whether this is the client that the other panels show."""
        self.header.show_active(active)

    def switch_network(self) -> None:
        """Take its network away, or give it back; start its engine again where that has stopped."""
        if isinstance(self.session.situation, EngineGone):
            self.session.restart()
            return
        status = self.session.status
        self.session.send(control.SetOffline(offline=status is None or status.phase != "offline"))

    def close_files(self) -> None:
        """Read nothing any more."""
        self._background.close(self._reader.close)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit()
        super().mousePressEvent(event)

    def _lay_out(self, name: str) -> None:
        self.entry.setPlaceholderText(self.tr("Add an item"))
        self.entry.setAccessibleName(self.tr("Add an item to {0}'s list").format(name))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.header, self.state, self.heading, self.view):
            layout.addWidget(part)
        entry = QVBoxLayout()
        entry.setContentsMargins(10, 5, 10, 6)
        entry.addWidget(self.entry)
        layout.addLayout(entry)
        layout.addStretch(1)
        layout.addWidget(self.uploads)

    def _connect(self) -> None:
        session, devices, others = self.session, self._context.devices, self._context.findings.live.others
        self.header.switch.clicked.connect(self._switched)
        self.header.findings.clicked.connect(self._show_findings)
        others.changed.connect(self._tell_findings)
        self.state.wanted.connect(self.wanted)
        self.entry.returnPressed.connect(self._add)
        self.uploads.followed.connect(self._show_uploads)
        session.situation_changed.connect(self._tell)
        session.files_changed.connect(self._read)
        session.database_changed.connect(self._read)
        session.data_changed.connect(self._read)
        devices.watch_for(self)
        devices.changed.connect(self._tell_last_changes)
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self._tell)
        clock.timeout.connect(self._tell_last_changes)
        clock.start()

    def _write(self, write: LocalWrite) -> None:
        self.session.send(control.Write((write,)))

    def _add(self) -> None:
        description = self.entry.text().strip()
        if description:
            self.model.add(description, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            self.entry.clear()

    def _switched(self) -> None:
        self.wanted.emit()
        self.switch_network()

    def _show_uploads(self) -> None:
        self.wanted.emit()
        self._context.selection.reveal("uploads")

    def _tell(self) -> None:
        self.header.tell(self.session)
        self.state.say(describe(self.session.situation, time.time_ns()))

    def _tell_findings(self) -> None:
        self.header.tell_findings(self._context.findings.live.others.of(self.session))

    def _show_findings(self) -> None:
        self.wanted.emit()
        self._context.selection.reveal("findings")

    def _tell_last_changes(self) -> None:
        self.model.show_last_changes(self._context.devices.snapshot.last_changes.get(self.session.source.client, {}))

    def _read(self) -> None:
        """Read the files off this thread; while that goes on, more news are read once."""
        self._stale = self._reading
        if self._reading or self.session.files.capture is None:
            return
        self._reading = True
        files, database = self.session.files, self.session.client_database
        self._background.run(lambda: self._reader.read(files, database), self._have_read)

    def _have_read(self, contents: Contents) -> None:
        self._reading = False
        self._show(contents)
        if self._stale:
            self._read()

    def _show(self, contents: Contents) -> None:
        shared = contents.shared
        self.model.show_list(shared)
        self.heading.name.set_text(shared.name or self.tr("No list yet"))
        self.entry.setEnabled(bool(shared.name))
        self.empty.say("" if shared.items else self._why_empty(bool(shared.name)))
        self.uploads.show_queue(contents.queue)

    def _why_empty(self, synced: bool) -> str:
        if synced:
            return self.tr("The list is empty. What you add below appears here at once, online or not.")
        return self.tr("This device has not synced yet. Its list appears here with the first checkpoint.")

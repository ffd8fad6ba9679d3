"""One client: whose it is, its state in a sentence, its list, and the switch that takes its network away."""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.state import EngineGone, StateSentence, describe
from inspector.analysis.story.shared_list import SharedList, read_list
from inspector.engine import control
from inspector.store.local_write import LocalWrite
from inspector.ui.background import Background
from inspector.ui.live_session import LiveSession
from inspector.ui.panels.clients.list_model import SharedListModel
from inspector.ui.panels.clients.list_view import SharedListView
from inspector.ui.theme import ROLE_COLOURS, Colour, colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.tone import set_tone
from inspector.words import plural

_TICK_MS = 1000
_EDGE = 3


class ClientPane(QFrame):
    """Follows a session for as long as it lasts."""

    wanted = Signal()
    """The other panels are to show this client."""

    def __init__(self, session: LiveSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = session.source.client
        self.setObjectName(f"client-{name.lower()}")
        self.setAccessibleName(self.tr("{0}'s device").format(name))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.session = session
        self._background = Background(self)
        self._stale = False
        self._reading = False
        self.header = _Header(name)
        self.state = _StateLine()
        self.list_name = QLabel()
        self.model = SharedListModel(self._write, self)
        self.view = SharedListView(self.model, f"list-{name.lower()}")
        self.view.setAccessibleName(self.tr("{0}'s list").format(name))
        self.empty = EmptyNote(self.view, top=0)
        self.entry = QLineEdit()
        self.entry.setObjectName(f"entry-{name.lower()}")
        self._lay_out(name)
        self.header.switch.clicked.connect(self._switch)
        self.entry.returnPressed.connect(self._add)
        session.situation_changed.connect(self._tell)
        session.files_changed.connect(self._read)
        session.data_changed.connect(self._read)
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self._tell)
        clock.start()
        self._tell()
        self._show(SharedList("", ()))
        self._read()

    def show_active(self, active: bool) -> None:
        """Whether this is the client that the other panels show."""
        self.header.show_active(active)

    def close_files(self) -> None:
        """Read nothing any more."""
        self._background.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit()
        super().mousePressEvent(event)

    def _lay_out(self, name: str) -> None:
        self.entry.setPlaceholderText(self.tr("Add an item"))
        self.entry.setAccessibleName(self.tr("Add an item to {0}'s list").format(name))
        heading = QWidget()
        heading.setObjectName("listHeading")
        row = QHBoxLayout(heading)
        row.setContentsMargins(10, 3, 10, 3)
        row.addWidget(self.list_name)
        self.list_name.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.list_name, Colour.DIM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.state)
        layout.addWidget(heading)
        layout.addWidget(self.view, 1)
        entry = QHBoxLayout()
        entry.setContentsMargins(10, 6, 10, 8)
        entry.addWidget(self.entry)
        layout.addLayout(entry)

    def _write(self, write: LocalWrite) -> None:
        self.session.send(control.Write((write,)))

    def _add(self) -> None:
        description = self.entry.text().strip()
        if description:
            self.model.add(description, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            self.entry.clear()

    def _switch(self) -> None:
        self.wanted.emit()
        if isinstance(self.session.situation, EngineGone):
            self.session.restart()
            return
        status = self.session.status
        self.session.send(control.SetOffline(offline=status is None or status.phase != "offline"))

    def _tell(self) -> None:
        self.header.tell(self.session)
        self.state.say(describe(self.session.situation, time.time_ns()))

    def _read(self) -> None:
        """Read the list off this thread; while that goes on, more news are read once."""
        self._stale = self._reading
        if self._reading or self.session.files.capture is None:
            return
        self._reading = True
        database = self.session.client_database
        self._background.run(lambda: read_list(database), self._have_read)

    def _have_read(self, shown: SharedList) -> None:
        self._reading = False
        self._show(shown)
        if self._stale:
            self._read()

    def _show(self, shown: SharedList) -> None:
        self.model.show_list(shown)
        self.list_name.setText(shown.name or self.tr("No list yet"))
        self.entry.setEnabled(bool(shown.name))
        self.empty.say("" if shown.items else self._why_empty(shown))

    def _why_empty(self, shown: SharedList) -> str:
        if shown.name:
            return self.tr("The list is empty. What you add below appears here at once, online or not.")
        return self.tr("This device has not synced yet. Its list appears here with the first checkpoint.")


class _Header(QWidget):
    """The name, the connection in a word, what waits, and the switch."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("clientHeader")
        self._active = False
        self._colour = Colour.IDLE
        self.name, self.phase, self.pending = QLabel(name), QLabel(), QLabel()
        self.switch = QToolButton()
        self.switch.setObjectName(f"switch-{name.lower()}")
        set_tone(self.name, Colour.TEXT, bold=True)
        set_tone(self.phase, Colour.TEXT)
        set_tone(self.pending, Colour.HELD)
        for label in (self.name, self.phase, self.pending):
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(10)
        layout.addWidget(self.name)
        layout.addWidget(self.pending)
        layout.addStretch(1)
        layout.addWidget(self.phase)
        layout.addWidget(self.switch)

    def show_active(self, active: bool) -> None:
        self._active = active
        text = self.tr("The other panels show {0}") if active else self.tr("Click to show {0} in the other panels")
        self.setToolTip(text.format(self.name.text()))
        self.setAccessibleDescription(self.toolTip())
        set_tone(self.name, Colour.TEXT if active else Colour.DIM, bold=True)
        self.update()

    def tell(self, session: LiveSession) -> None:
        status = session.status
        gone = status is None
        offline = status is not None and status.phase == "offline"
        word, role, button = self._words(status)
        self.phase.setText(f"● {word}" if not offline and not gone else f"○ {word}")
        set_tone(self.phase, role)
        self.switch.setText(button)
        waiting = status.pending_writes if status is not None else 0
        self.pending.setText(f"■ {plural(waiting, 'write')} not uploaded" if waiting else "")

    def _words(self, status: control.Status | None) -> tuple[str, Colour, str]:
        tr = self.tr
        if status is None:
            return tr("engine stopped"), Colour.BROKEN, tr("Restart")
        match status.phase:
            case "offline":
                return tr("offline"), Colour.DIM, tr("Go online")
            case "connected":
                return tr("online"), Colour.FINE, tr("Go offline")
            case "connecting" | "idle":
                return tr("connecting"), Colour.DIM, tr("Go offline")
            case _:
                return tr("not connected"), Colour.BROKEN, tr("Go offline")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(Colour.PANEL if self._active else Colour.HEADER))
        if self._active:
            painter.fillRect(0, 0, self.width(), 2, colour(Colour.ACCENT))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(Colour.LINE))
        painter.end()


class _StateLine(QWidget):
    """The state sentence of this client, over one or two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence: StateSentence | None = None
        self.text = ElidedLabel(most_lines=2)
        self.lead = QLabel()
        self.lead.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.lead, Colour.TEXT, bold=True)
        set_tone(self.text, Colour.TEXT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 10, 6)
        layout.setSpacing(1)
        layout.addWidget(self.lead)
        layout.addWidget(self.text)

    def say(self, sentence: StateSentence) -> None:
        if sentence == self.sentence:
            return
        self.sentence = sentence
        self.lead.setText(sentence.lead)
        self.text.set_text(sentence.then)
        self.setAccessibleName(f"{sentence.lead} {sentence.then}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.sentence is not None:
            painter.fillRect(0, 0, _EDGE, self.height() - 1, colour(ROLE_COLOURS[self.sentence.role]))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(Colour.LINE))
        painter.end()

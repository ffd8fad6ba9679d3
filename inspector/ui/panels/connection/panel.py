"""The connection panel: the service, the token by what it says, the client, and what may be wrong with them."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.connection_facts import Fact, connection_problems, live_facts, recorded_facts
from inspector.analysis.state import CaptureFile, DatabaseFile, NothingOpen, Opening, Role, Unreadable
from inspector.capture.rows import ConnectionRow
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.readers import Readers
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.widgets.columns import Cell, Column, Face, Mark, RowStyle
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.problem_label import ProblemLabel
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_TICK_MS = 1000
_GLYPHS = {Role.FINE: "✓", Role.HELD: "▲", Role.BROKEN: "✕"}
_HEADING, _LINE = RowStyle(bold=True), RowStyle()


def _name(fact: Fact) -> Cell:
    return Cell(fact.name, Colour.TEXT if fact.heading else Colour.DIM, tooltip=fact.explains)


def _value(fact: Fact) -> Cell:
    glyph = _GLYPHS.get(fact.role)
    mark = Mark(glyph, ROLE_COLOURS[fact.role]) if glyph and fact.value else None
    colour = ROLE_COLOURS[fact.role] if fact.role in (Role.BROKEN, Role.HELD) else Colour.TEXT
    return Cell(fact.value, colour, mark, tooltip=fact.explains)


COLUMNS: tuple[Column[Fact], ...] = (
    Column("Fact", cell=_name, width=12, widest=24),
    Column("Value", cell=_value, face=Face.MONO, width=16, stretch=True),
)


class FactsModel(ListModel[Fact]):
    """Facts by their names; headings stand out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: Fact) -> object:
        return record.name, record.heading

    def row_style(self, record: Fact) -> RowStyle:
        return _HEADING if record.heading else _LINE


class ConnectionPanel(QWidget):
    """Of a live connection, what the engine says now; of a capture, its newest connection."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.problems = ProblemLabel()
        self.model = FactsModel(self)
        self.table = RowTable(self.model, "connectionFacts", header=False, parent=self)
        self.table.setAccessibleName(self.tr("The connection, its token and its client"))
        self.note = EmptyNote(self.table, top=0)
        self.buttons = QFrame()
        self._lay_out()
        self.query: LiveQuery[list[ConnectionRow]] = LiveQuery(context.feed, self, self._question)
        self.query.changed.connect(self._show)
        context.feed.situation_changed.connect(self._show)
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self._grow_older)
        clock.start()
        self._show()

    def _lay_out(self) -> None:
        self.buttons.setObjectName("choiceStrip")
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        actions = self._context.actions
        for action in (actions.refresh_token, actions.connect_now, actions.disconnect_now):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName("panelButton")
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.problems)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.buttons)

    def _question(self) -> Callable[[Readers], list[ConnectionRow]] | None:
        if not isinstance(self._context.feed.situation, CaptureFile):
            return None

        def read(readers: Readers) -> list[ConnectionRow]:
            return [] if readers.capture is None else readers.capture.connections()

        return read

    def _grow_older(self) -> None:
        if self.isVisible() and self._context.feed.status is not None:
            self._show()

    def _show(self) -> None:
        feed, now = self._context.feed, time.time_ns()
        status, session = feed.status, feed.active
        facts: list[Fact] = []
        if status is not None and session is not None:
            facts = live_facts(status, session.source.start, now)
        elif isinstance(feed.situation, CaptureFile):
            facts = recorded_facts(self.query.result or [], now)
        self.problems.say(connection_problems(status) if status is not None else [])
        fitted = self.model.row_count()
        self.model.show_records(facts)
        if facts and fitted != len(facts):
            self.table.fit_columns()
        self.buttons.setVisible(status is not None)
        self.note.say("" if facts else self._why_empty())

    def _why_empty(self) -> str:
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "The service, the token and the client of a connection appear here. Connect to see them."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No connection is shown, because the file cannot be opened.")
            case DatabaseFile():
                return self.tr(
                    "A client database holds neither tokens nor addresses: they are the app's, and go with its process."
                )
            case CaptureFile():
                return self.query.problem or self.tr("The capture holds no connection.")
        return self.tr("The sync engine does not run. Restart it to connect again.")

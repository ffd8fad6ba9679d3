"""The connection panel: the service, the token by what it says, the client, and what may be wrong with them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.connection_facts import connection_problems, live_facts, recorded_facts, subscription_facts
from inspector.analysis.facts import Fact
from inspector.analysis.state import CaptureFile, DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.capture.rows import ConnectionRow
from inspector.store.records import Subscription
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.readers import Readers
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.facts_table import FactsModel, FactsTable
from inspector.ui.widgets.problem_label import ProblemLabel

_TICK_MS = 1000


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the files say of a connection."""

    connections: list[ConnectionRow]
    subscriptions: list[Subscription]


class ConnectionPanel(QWidget):
    """Of a live connection, what the engine says now; of a capture, its newest connection."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.problems = ProblemLabel()
        self.model = FactsModel(self, meanings=True)
        self.table = FactsTable(self.model, "connectionFacts", self)
        self.table.setAccessibleName(self.tr("The connection, its token and its client"))
        self.note = EmptyNote(self.table, top=0)
        self.buttons = QFrame()
        self._make_actions()
        self._lay_out()
        self.query: LiveQuery[_Stored] = LiveQuery(context.feed, self, self._question)
        self.query.changed.connect(self._show)
        self.table.row_followed.connect(self._follow)
        context.feed.situation_changed.connect(self._show)
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self._grow_older)
        clock.start()
        self._show()

    def _make_actions(self) -> None:
        self.show_streams = QAction(self.tr("Show the streams"), self)
        self.show_streams.setToolTip(self.tr("Subscribe to streams, renew and end subscriptions in the panel Streams"))
        self.show_streams.triggered.connect(lambda: self._context.selection.reveal("streams"))

    def _lay_out(self) -> None:
        self.buttons.setObjectName("choiceStrip")
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        actions = self._context.actions
        self._choices: list[QToolButton] = []
        for action in (actions.refresh_token, actions.connect_now, actions.disconnect_now):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName("panelButton")
            row.addWidget(button)
            self._choices.append(button)
        more = QToolButton()
        more.setText(self.tr("More ▾"))
        more.setObjectName("panelButton")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.setToolTipsVisible(True)
        menu.addActions([self.show_streams, actions.change_parameters, actions.load_schema])
        menu.addSeparator()
        menu.addAction(actions.open_folder)
        more.setMenu(menu)
        row.addWidget(more)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.problems)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.buttons)
        self.setFocusProxy(self.table)

    def _question(self) -> Callable[[Readers], _Stored] | None:
        """A live connection is told by its engine, but for the subscriptions, which its database has."""
        recorded = isinstance(self._context.feed.situation, CaptureFile)
        if not recorded and self._context.feed.status is None:
            return None

        def read(readers: Readers) -> _Stored:
            connections = readers.capture.connections() if recorded and readers.capture is not None else []
            return _Stored(connections, readers.database.subscriptions() if readers.database is not None else [])

        return read

    def _grow_older(self) -> None:
        if self.isVisible() and self._context.feed.status is not None:
            self._show()

    def _show(self) -> None:
        feed, now = self._context.feed, time.time_ns()
        status, session, stored = feed.status, feed.active, self.query.result
        facts: list[Fact] = []
        if status is not None and session is not None:
            facts = live_facts(status, session.source.start, now)
            facts += subscription_facts(stored.subscriptions if stored is not None else [], now)
        elif isinstance(feed.situation, CaptureFile):
            facts = recorded_facts(stored.connections if stored is not None else [], now)
        self.problems.say(connection_problems(status) if status is not None else [])
        fitted = self.model.row_count()
        self.model.show_records(facts)
        if facts and fitted != len(facts):
            self.table.fit_columns()
        self.buttons.setVisible(status is not None)
        # What cannot be done takes no room: the panel stands in a narrow place.
        for button in self._choices:
            button.setVisible(button.defaultAction().isEnabled())
        self.note.say("" if facts else self._why_empty())

    def _follow(self, row: int) -> None:
        fact = self.model.record(row)
        if fact is not None and fact.panel:
            self._context.selection.reveal(fact.panel)

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

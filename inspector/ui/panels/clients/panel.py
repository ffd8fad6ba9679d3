"""All clients of the demo side by side; the one that is chosen is shown by every other panel."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from inspector.ui.live_session import LiveSession
from inspector.ui.panels.clients.pane import ClientPane
from inspector.ui.panels.context import PanelContext
from inspector.ui.widgets.empty_note import EmptyNote


class ClientsPanel(QWidget):
    """A pane for each client."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self.setObjectName("clientsPanel")
        self._context = context
        self._feed = context.feed
        self.panes: tuple[ClientPane, ...] = ()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self.note = EmptyNote(self, top=0)
        self._feed.sessions_changed.connect(self._rebuild)
        self._feed.source_changed.connect(self._mark)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        self._rebuild()

    def pane_of(self, name: str) -> ClientPane | None:
        """The pane of a client, by the name that people call it."""
        return next((pane for pane in self.panes if pane.session.source.client == name), None)

    def _rebuild(self) -> None:
        for pane in self.panes:
            pane.close_files()
            pane.setParent(None)  # out of the splitter, which would share its width with it
            pane.deleteLater()
        sessions = [session for session in self._feed.sessions if session.source.client]
        self.panes = tuple(ClientPane(session, self._context) for session in sessions)
        for pane in self.panes:
            self._splitter.addWidget(pane)
            pane.wanted.connect(lambda session=pane.session: self._feed.activate(session))
        for pane, client in zip(self.panes, self._context.actions.demo.clients, strict=False):
            pane.header.name_keys(*(_keys(action) for action in (client.show, client.network)))
        self._splitter.setSizes([1000 // max(1, len(self.panes))] * len(self.panes))
        self._splitter.setVisible(bool(self.panes))
        self.note.say("" if self.panes else self.tr("The demo's clients stand here side by side. Start the demo."))
        self._mark()

    def _mark(self) -> None:
        for pane in self.panes:
            active = pane.session is self._feed.active
            pane.show_active(active)
            if active or self.focusProxy() is None:
                self.setFocusProxy(pane.view)

    def _follow_focus(self, _old: QObject | None, now: QObject | None) -> None:
        session = self._session_around(now)
        if session is not None:
            self._feed.activate(session)

    def _session_around(self, widget: QObject | None) -> LiveSession | None:
        for pane in self.panes:
            if isinstance(widget, QWidget) and pane.isAncestorOf(widget):
                return pane.session
        return None


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

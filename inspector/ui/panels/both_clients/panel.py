"""The panel of both clients' timeline: reads what their captures tell, and selects what is clicked."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.capture.rows import CheckpointRow
from inspector.ui.live_session import LiveSession
from inspector.ui.on_screen import OnScreen
from inspector.ui.panels.both_clients.canvas import LanesCanvas
from inspector.ui.panels.both_clients.lanes import Mark
from inspector.ui.panels.context import PanelContext
from inspector.ui.selection import RowKey
from inspector.ui.widgets.empty_note import EmptyNote

_TICK_MS = 250


class BothClientsPanel(QWidget):
    """Follows all clients that have names."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self.setObjectName("bothClientsPanel")
        self._context = context
        self.canvas = LanesCanvas()
        self.follow_button = QToolButton(self.canvas)
        self.follow_button.setObjectName("laneChoice")
        self.follow_button.setText(self.tr("Follow"))
        self.follow_button.setCheckable(True)
        self.follow_button.setToolTip(
            self.tr(
                "Keep the newest moment at the right edge (F); a double click shows all. N and P choose the next write"
                " or checkpoint, and the one before"
            )
        )
        self.follow_button.move(6, 1)
        self.note = EmptyNote(self, top=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.setFocusProxy(self.canvas)
        self._on_screen = OnScreen(self)
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._time_passes)
        self._clock.start()
        self._connect()
        self._show()

    def _connect(self) -> None:
        feed, selection, devices = self._context.feed, self._context.selection, self._context.devices
        devices.watch_for(self)
        devices.changed.connect(self._show)
        feed.source_changed.connect(self._mark_active)
        selection.moment_changed.connect(self._follow_moment)
        self.canvas.chosen.connect(self._choose)
        self.canvas.moved.connect(self._show_following)
        self.canvas.left.connect(lambda: selection.choose_moment(None))
        self.follow_button.clicked.connect(self._follow)

    def _show(self) -> None:
        devices = self._context.devices
        names = tuple(session.source.client for session in devices.sessions)
        self.canvas.setVisible(bool(names))
        self.note.say("" if names else self.tr("What the demo's clients did stands here over time. Start the demo."))
        self.canvas.show_snapshot(devices.snapshot, names)
        self._mark_active()
        self._show_following()

    def _time_passes(self) -> None:
        if self._on_screen.now and self.canvas.names:
            self.canvas.time_passes()

    def _mark_active(self) -> None:
        active = self._context.feed.active
        name = active.source.client if active is not None else ""
        if name != self.canvas.active:
            self.canvas.active = name
            self.canvas.repaint_content()

    def _show_following(self) -> None:
        self.follow_button.setChecked(self.canvas.following)

    def _follow(self, follow: bool) -> None:
        if follow:
            self.canvas.follow()
        else:
            self.canvas.following = False

    def _follow_moment(self) -> None:
        self.canvas.cursor_at = self._context.selection.moment
        self.canvas.update()

    def _choose(self, moment: int, mark: Mark | None) -> None:
        """A click on something of a client has the other panels show that client, at that moment."""
        selection = self._context.selection
        if mark is None:
            selection.choose_moment(moment)
            return
        session = self._session(mark)
        if session is not None:
            self._context.feed.activate(session)
        selection.choose_moment(mark.at)
        match mark.thing:
            case LocalTransaction(entries=(first, *_)):
                selection.choose_row(RowKey(first.type, first.id))
            case CheckpointRow() if session is not None and self._is_of_present_device(mark):
                selection.choose_checkpoint(mark.thing.id)
                selection.choose_frame(mark.thing.frame)

    def _session(self, mark: Mark) -> LiveSession | None:
        return next((each for each in self._context.devices.sessions if each.source.client == mark.name), None)

    def _is_of_present_device(self, mark: Mark) -> bool:
        """Earlier devices have captures of their own, with numbers of their own."""
        history = self._context.devices.snapshot.histories.get(mark.name)
        return history is not None and mark.at >= max(history.renewed_at, default=0)

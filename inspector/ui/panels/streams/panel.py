"""The streams panel: what the client subscribes to, and what comes of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from inspector.analysis.state import CaptureFile, NothingOpen, Opening, Unreadable
from inspector.analysis.stream_lines import StreamBuckets, StreamLine, stream_lines
from inspector.engine import control
from inspector.store.records import Subscription
from inspector.ui.actions import connect
from inspector.ui.bucket_state import Bucket, BucketSnapshot
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.streams.columns import COLUMNS
from inspector.ui.panels.streams.subscribe_dialog import SubscribeDialog
from inspector.ui.readers import Readers
from inspector.ui.things import Things
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.now_note import NowNote
from inspector.ui.widgets.problem_label import ProblemLabel
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable

_TICK_MS = 1000


class StreamsModel(ListModel[StreamLine]):
    """Subscriptions by stream and parameters."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self.snapshot: BucketSnapshot | None = None

    def key(self, record: StreamLine) -> object:
        return record.words

    def several(self, record: StreamLine) -> list[tuple[str, Things]]:
        return [(bucket.name.short, Things(bucket=bucket.name.full)) for bucket in self._buckets_of(record)]

    def _buckets_of(self, record: StreamLine) -> list[Bucket]:
        """Those that the subscription brought, where that is told; else all of the stream."""
        streams = self.snapshot.streams if self.snapshot is not None else ()
        found = [bucket for name, group in streams if name == record.stream for bucket in group]
        return [it for it in found if any(record.words in why for why in it.brought_by)] or found


class StreamsPanel(CountedPanel):
    """Reads the client database, a file's or a live one; only a live one can be changed."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._refused: control.Problem | None = None
        self.problems = ProblemLabel()
        self.model = StreamsModel(self)
        self.table = RowTable(self.model, "streams", parent=self)
        self.table.setAccessibleName(self.tr("Subscriptions to streams"))
        self.table.restore_columns(context.settings)
        self.note = EmptyNote(self.table)
        self.subscribe = self._button("subscribe", self.tr("Subscribe…"), self.ask_for_stream)
        self.renew = self._button("renew", self.tr("Renew"), self._renew)
        self.renew.setToolTip(self.tr("Let the subscription live for its whole time to live from now on"))
        self.unsubscribe = self._button("unsubscribe", self.tr("Unsubscribe"), self._unsubscribe)
        self.unsubscribe.setToolTip(
            self.tr("End the subscription at once; rows that no other one holds leave the client")
        )
        self.buttons = QFrame()
        self._lay_out()
        self.query: LiveQuery[list[Subscription]] = LiveQuery(context.feed, self, lambda: _read, of_now=True)
        self.query.changed.connect(self._show)
        context.buckets.changed.connect(self._show)
        context.feed.situation_changed.connect(self._enable)
        context.feed.files_changed.connect(self._forget)
        self.table.row_chosen.connect(lambda _: self._enable())
        connect(context.actions.subscribe, self._come_and_ask)
        clock = QTimer(self, interval=_TICK_MS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()
        self._show()

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)

    def ask_for_stream(self) -> None:
        """Ask which stream to subscribe to."""
        dialog = SubscribeDialog(self, self._subscribe)
        dialog.show()
        dialog.stream.setFocus()

    def _come_and_ask(self) -> None:
        self._context.selection.reveal("streams")
        self.ask_for_stream()

    def _lay_out(self) -> None:
        self.buttons.setObjectName("choiceStrip")
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        for button in (self.subscribe, self.renew, self.unsubscribe):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(NowNote(self._context.feed, self.tr("A recording holds no subscriptions of the past.")))
        layout.addWidget(self.problems)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.buttons)
        self.setFocusProxy(self.table)

    def _button(self, name: str, title: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setObjectName("panelButton")
        button.setProperty("action", name)
        button.clicked.connect(lambda: action())
        return button

    def _chosen(self) -> StreamLine | None:
        return self.model.record(self.table.currentIndex().row())

    def _subscribe(self, subscription: control.StreamSubscription) -> None:
        self._context.feed.ask(control.Subscribe(subscription), self._answered)

    def _renew(self) -> None:
        line = self._chosen()
        if line is not None and line.subscription is not None:
            self._subscribe(
                control.StreamSubscription(
                    line.stream, line.decoded_parameters, line.subscription.ttl, line.subscription.priority
                )
            )

    def _unsubscribe(self) -> None:
        line = self._chosen()
        if line is not None:
            self._context.feed.ask(control.Unsubscribe(line.stream, line.decoded_parameters), self._answered)

    def _answered(self, problem: control.Problem | None) -> None:
        self._refused = problem
        self.query.ask()

    def _forget(self) -> None:
        self._refused = None

    def _show(self) -> None:
        self.model.snapshot = self._context.buckets.present
        status = self._context.feed.status
        problems = status.stream_problems if status is not None else ()
        lines: list[StreamLine] = []
        if self.query.result is not None:
            lines = stream_lines(self.query.result, _buckets_of(self._context.buckets.present), problems)
        self.model.show_records(lines)
        if not self.table.header.resized_by_user:
            self.table.fit_columns()
        self.tell_count(len(lines) or None)
        self.problems.say([problem for problem in (self._refused, *problems) if problem is not None])
        self._enable()

    def _enable(self) -> None:
        line, live = self._chosen(), self._context.feed.status is not None
        self.buttons.setVisible(live)
        self.renew.setEnabled(line is not None and line.explicit)
        self.unsubscribe.setEnabled(line is not None and line.explicit)
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        if self.query.problem:
            return self.query.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "The streams that a client subscribes to appear here. Connect, start the demo, or open a file."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No streams are shown, because the file cannot be opened.")
            case CaptureFile():
                return self._context.feed.files.no_database or self.tr("The frames of this capture name no stream.")
        if self.query.busy:
            return self.tr("The subscriptions are being read.")
        if self._context.feed.status is None:
            return self.tr("The client database holds no subscription: it is older than sync streams, or uses none.")
        return self.tr("No checkpoint has named a stream yet. Default streams appear with the first one.")


def _read(readers: Readers) -> list[Subscription]:
    return [] if readers.database is None else readers.database.subscriptions()


def _buckets_of(snapshot: BucketSnapshot | None) -> dict[str, StreamBuckets]:
    if snapshot is None:
        return {}
    found = {}
    for stream, buckets in snapshot.streams:
        counts = [bucket.expected.count if bucket.expected is not None else None for bucket in buckets]
        known = [(bucket.downloaded, count) for bucket, count in zip(buckets, counts, strict=True)]
        whole = [(done, count) for done, count in known if done is not None and count is not None]
        complete = len(whole) == len(known)
        found[stream] = StreamBuckets(
            len(buckets),
            sum(min(done, count) for done, count in whole) if complete else None,
            sum(count for _, count in whole) if complete else None,
        )
    return found

"""The buckets panel: the list by stream, and what there is to say of the selected bucket."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from inspector.analysis.state import CaptureFile, NothingOpen, Opening, Unreadable
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.fonts import mono_font, zoomed
from inspector.ui.panels.buckets.about import AboutBucket, about_bucket
from inspector.ui.panels.buckets.contents import BucketContents
from inspector.ui.panels.buckets.model import BucketsModel
from inspector.ui.panels.buckets.totals import Totals, totals_of
from inspector.ui.panels.context import PanelContext
from inspector.ui.theme import Colour
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone
from inspector.ui.widgets.turning_splitter import TurningSplitter

_LOW = 230
"""Pixels at 100 %: where there is less, the list has all of it."""


class BucketsPanel(CountedPanel):
    """All buckets, those that are not downloaded yet included."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.model = BucketsModel(self)
        self.table = RowTable(self.model, "buckets", parent=self)
        self.table.setAccessibleName(self.tr("Buckets by stream"))
        self.table.restore_columns(context.settings)
        self.note = EmptyNote(self.table)
        self.about = _About()
        self.totals = FootNote("bucketTotals", most_lines=3)
        self._lay_out()
        context.buckets.changed.connect(self._update)
        context.feed.situation_changed.connect(self._explain)
        context.selection.bucket_changed.connect(self._reveal)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_followed.connect(lambda _: context.selection.reveal("checksums"))
        self._update()

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)
        self.contents.save()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        split = TurningSplitter(self._context.settings, "bucketSplit", (550, 250), (600, 400))
        layout.addWidget(split)
        upper = QWidget(split)
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(self.table, 1)
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self.totals)
        words.addWidget(self.about)
        above.addWidget(self._words)
        self.contents = BucketContents(self._context, split)
        split.share()
        self.setFocusProxy(self.table)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In a low dock the words about the buckets would leave no room for the buckets.
        self._words.setVisible(event.size().height() >= zoomed(_LOW))

    def _update(self) -> None:
        snapshot = self._context.buckets.snapshot
        self.model.show_snapshot(snapshot)
        self.tell_count(None if snapshot is None else snapshot.count)
        totals = totals_of(snapshot) if snapshot is not None and snapshot.count else Totals("")
        self.totals.say(totals.text, totals.tone)
        self._reveal()
        self._describe()
        self._explain()

    def _chosen(self, row: int) -> None:
        bucket = self.model.bucket_at(row)
        if bucket is not None:
            self._context.selection.choose_bucket(bucket.name.full)
        self._describe()

    def _reveal(self) -> None:
        self.table.follow_choice(self.model.row_of(self._context.selection.bucket))

    def _describe(self) -> None:
        row = self.model.row_of(self._context.selection.bucket)
        bucket = self.model.bucket_at(row) if row is not None else None
        self.about.setVisible(bucket is not None)
        if bucket is not None:
            self.about.say(about_bucket(bucket))

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        if self._context.buckets.problem:
            return self._context.buckets.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr("A client's buckets appear here, by stream. Connect, start the demo, or open a file.")
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No buckets are shown, because the file cannot be opened.")
            case CaptureFile():
                return self._context.feed.files.no_database or self.tr("No checkpoint of this capture names a bucket.")
        if self._context.buckets.snapshot is None:
            return self.tr("The buckets are being read.")
        if self._context.feed.status is None:
            return self.tr("The client database holds no buckets: nothing was ever synced into it.")
        return self.tr("No checkpoint has named a bucket yet. Buckets appear here with the first checkpoint.")


class _About(QFrame):
    """The selected bucket in words, and its checksums."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("aboutBucket")
        self.title, self.sentences, self.checksums = QLabel(), QLabel(), QLabel()
        set_tone(self.title, Colour.TEXT, bold=True)
        set_tone(self.sentences, Colour.DIM)
        self.sentences.setWordWrap(True)
        self.checksums.setFont(mono_font())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 9)
        layout.setSpacing(2)
        for label in (self.title, self.sentences, self.checksums):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        self.hide()

    def say(self, about: AboutBucket) -> None:
        """Show what there is to say."""
        self.title.setText(about.title)
        self.sentences.setText(about.sentences)
        self.sentences.setVisible(bool(about.sentences))
        self.checksums.setText(about.checksums)
        set_tone(self.checksums, Colour.BROKEN if about.broken else Colour.DIM)

"""The events panel: what the engine did and why, sentence by sentence."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from inspector.analysis.event_lines import EventLine, EventLines
from inspector.analysis.state import CaptureFile, DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.capture.happenings import HappeningKind, event_key, source_of
from inspector.capture.reader import CaptureReader
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.paged_query import Listing, PagedQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.events.columns import COLUMNS
from inspector.ui.panels.events.filter_strip import FilterStrip
from inspector.ui.panels.frames.following import Following
from inspector.ui.readers import Readers
from inspector.ui.things import Things
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.paged_model import PagedModel
from inspector.ui.widgets.pill import Pill
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

_LEVELS_SHOWN = "events/levels"
_PROGRESS_MS = 250


class EventsModel(PagedModel[EventLine]):
    """A page of lines at a time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self.in_frames = True
        """Whether the list of frames has events."""

    def things(self, record: EventLine) -> Things:
        newest = record.newest
        key = event_key(record.event) if self.in_frames else None
        frame = newest.frame if key is None else None
        return Things(frame=frame, checkpoint=newest.checkpoint, moment=record.event.at, happening=key)


class EventsPanel(CountedPanel):
    """Follows the capture; levels and words choose what is shown."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        remembered = str(context.settings.value(_LEVELS_SHOWN) or "info,warning,error").split(",")
        self.strip = FilterStrip(remembered)
        self.levels, self.search = self.strip.levels, self.strip.search
        self.model = EventsModel(self)
        self.table = RowTable(self.model, "events", parent=self)
        self.table.setAccessibleName(self.tr("Events of the engine"))
        self.table.restore_columns(context.settings)
        self.note = EmptyNote(self.table)
        self.pill = Pill(self.table, self.tr("Show the newest events"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.table, 1)
        self.progress = FootNote("eventsBeingRead")
        layout.addWidget(self.progress)
        self.progress.hide()
        self.setFocusProxy(self.table)
        self.following = Following(self.table)
        self._lines = self._wanted_lines()
        self._chosen: int | None = None
        self._from_end: int | None = None
        self._reading = QTimer(self, interval=_PROGRESS_MS)
        self._reading.timeout.connect(self._tell_progress)
        # Before the query asks for it: another file has other lines.
        context.feed.files_changed.connect(self._forget)
        self.query: PagedQuery[EventLine] = PagedQuery(context.feed, self, self.model, self._listing)
        self._connect()
        self._take_choice(context.actions.show_happenings.isChecked())
        self._explain()
        self._reveal()

    def save(self) -> None:
        """Remember the columns and the levels."""
        self.table.save_columns(self._context.settings)
        self._context.settings.setValue(_LEVELS_SHOWN, ",".join(self.strip.shown))

    def _connect(self) -> None:
        self.query.changed.connect(self._tell)
        self._context.feed.situation_changed.connect(self._explain)
        self.strip.changed.connect(self._choose_others)
        self.model.modelAboutToBeReset.connect(self._note_place)
        self.table.row_chosen.connect(self._note_chosen)
        self.table.row_followed.connect(self._follow)
        self._context.actions.show_happenings.toggled.connect(self._take_choice)
        self._context.selection.happening_changed.connect(self._reveal)
        self.model.rowsInserted.connect(lambda _, first, last: self.following.add_missed(last - first + 1))
        self.following.changed.connect(self._show_pill)
        self.pill.clicked.connect(self.following.resume)

    # What is listed

    def _wanted_lines(self) -> EventLines:
        return EventLines(frozenset(self.strip.shown), self.strip.words)

    def _listing(self) -> Listing[EventLine] | None:
        if self._context.feed.files.capture is None:
            return None
        lines, newest = self._lines, self._wanted_lines()
        return Listing(
            lambda readers, go_on: lines.go_on(_capture(readers), go_on),
            lambda readers, positions: lines.read(_capture(readers), positions),
            Listing(
                lambda readers, go_on: newest.begin_late(_capture(readers), go_on),
                lambda readers, positions: newest.read(_capture(readers), positions),
            ),
        )

    def _forget(self) -> None:
        self._lines, self._chosen = self._wanted_lines(), None
        self._reading.start()
        self.following.resume()

    def _choose_others(self) -> None:
        self._forget()
        self.query.ask()
        self._explain()

    def _tell(self) -> None:
        counts = self._lines.counts
        self.strip.show_counts(counts)
        self.tell_count(counts["warning"] + counts["error"] or None)
        self._take_whole_list()
        self._keep_chosen()
        self._tell_progress()
        self._explain()

    def _take_whole_list(self) -> None:
        """The newest rows are followed by all of them: the place where one looks stays, and what is chosen."""
        bar = self.table.verticalScrollBar()
        if self.query.complete and self._from_end is not None:
            if not self.following.active:
                bar.setValue(bar.maximum() - self._from_end)
            self._from_end = None
            self._reveal()

    def _note_place(self) -> None:
        bar = self.table.verticalScrollBar()
        self._from_end = bar.maximum() - bar.value() if self.model.row_count() else None

    def _tell_progress(self) -> None:
        """How much of a long log is read; nobody is told who does not look."""
        reading = self._context.feed.files.capture is not None and not (self.query.complete or self.query.problem)
        if not reading or not self.isVisible():
            self._reading.stop()
        if reading:
            self.strip.show_counts(self._lines.counts)
        listed = self.model.row_count() > 0
        text = self.tr("These are the newest events. Those before them are being read: {0} %.").format(self._percent)
        self.progress.say(text if reading and listed else "")
        if not listed:
            self._explain()

    @property
    def _percent(self) -> int:
        return int(100 * self._lines.share)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._reading.start()

    # What is chosen

    def _note_chosen(self, row: int) -> None:
        line = self.model.record(row) if row >= 0 else None
        if line is not None:
            self._chosen = line.first_id

    def _keep_chosen(self) -> None:
        """A line that was said again stands further below; it stays the chosen one."""
        first, lines = self._chosen, self._lines
        current = self.model.record(self.table.currentIndex().row())
        if first is not None and current is not None:
            self.query.find(lambda _: lines.newest_of(first), self._choose_quietly)

    def _choose_quietly(self, row: int) -> None:
        if row != self.table.currentIndex().row():
            self.table.setAutoScroll(False)
            self.table.choose_row(row)
            self.table.setAutoScroll(True)

    def _take_choice(self, in_frames: bool) -> None:
        self.model.in_frames = in_frames

    def _follow(self, row: int) -> None:
        """To the event's own row among the frames, else to the frame that had come by then."""
        line = self.model.record(row)
        if line is None:
            return
        things = self.model.things(line)
        replace(things, moment=None).choose(self._context.selection)
        if things.frame is not None or things.happening is not None:
            self._context.selection.reveal("frames")

    def _reveal(self) -> None:
        """Choose the line of the event that is selected for all panels."""
        key = self._context.selection.happening
        kind, event = source_of(key) if key is not None else (None, 0)
        if kind is HappeningKind.EVENT:
            lines = self._lines
            self.query.find(lambda readers: lines.containing(_capture(readers), event), self.table.choose_row)

    # Words

    def _show_pill(self) -> None:
        missed = self.following.missed
        self.pill.tell(f"▾ {plural(missed, self.tr('new event'))}", shown=missed > 0)

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        if self.query.problem:
            return self.query.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "What the sync engine does and why appears here. Connect, start the demo, or open a capture."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("No events are shown, because the file cannot be opened.")
            case DatabaseFile():
                return self.tr("A client database holds no events: its client may have logged them elsewhere.")
        if not self.query.complete:
            return self.tr("The events are being read: {0} %.").format(self._percent)
        if there := sum(self._lines.counts.values()):
            if self.strip.words:
                return self.tr("No event of these levels has these words. {0} are hidden.").format(thousands(there))
            return self.tr("No event is of these levels. {0} of other levels are hidden.").format(thousands(there))
        if isinstance(self._context.feed.situation, CaptureFile):
            return self.tr("The capture holds no events: what the engine did and why was not recorded in it.")
        return self.tr("Nothing has happened yet that is worth a sentence.")


def _capture(readers: Readers) -> CaptureReader:
    assert readers.capture is not None
    return readers.capture

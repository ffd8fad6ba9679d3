"""The events panel: what the engine did and why, sentence by sentence."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout

from inspector.analysis.event_lines import LEVELS, EventLine, TimedEvent, fold, time_event
from inspector.analysis.state import DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.events.columns import COLUMNS, LEVEL_MARKS
from inspector.ui.panels.frames.following import Following
from inspector.ui.readers import Readers
from inspector.ui.things import Things
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.words import thousands

_BATCH = 2_000
_MOST_EVENTS = 10_000
"""Older ones are dropped from the list; the capture keeps them."""
_LEVELS_SHOWN = "events/levels"


class EventsModel(ListModel[EventLine]):
    """Lines are known by the first of the events that they stand for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: EventLine) -> object:
        return record.first_id

    def things(self, record: EventLine) -> Things:
        newest = record.newest
        return Things(frame=newest.frame, checkpoint=newest.checkpoint, moment=record.event.at)


class EventsPanel(CountedPanel):
    """Follows the capture; levels and words choose what is shown."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._events: list[TimedEvent] = []
        self._after = 0
        self.model = EventsModel(self)
        self.table = RowTable(self.model, "events", parent=self)
        self.table.setAccessibleName(self.tr("Events of the engine"))
        self.table.restore_columns(context.settings)
        self.note = EmptyNote(self.table)
        self.levels: dict[str, QToolButton] = {}
        self.search = QLineEdit()
        self._lay_out()
        self.following = Following(self.table)
        self.query: LiveQuery[list[TimedEvent]] = LiveQuery(context.feed, self, self._question)
        self.query.changed.connect(self._take)
        context.feed.files_changed.connect(self._forget)
        context.feed.situation_changed.connect(self._explain)
        self.search.textChanged.connect(self._show)
        self.table.row_followed.connect(self._follow)
        self._show()

    def save(self) -> None:
        """Remember the columns and the levels."""
        self.table.save_columns(self._context.settings)
        self._context.settings.setValue(_LEVELS_SHOWN, ",".join(self._shown_levels()))

    def _lay_out(self) -> None:
        titles = (self.tr("Debug"), self.tr("Info"), self.tr("Warnings"), self.tr("Errors"))
        remembered = str(self._context.settings.value(_LEVELS_SHOWN) or "info,warning,error").split(",")
        strip = QFrame()
        strip.setObjectName("filterStrip")
        row = QHBoxLayout(strip)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        for level, title in zip(LEVELS, titles, strict=True):
            button = QToolButton()
            button.setObjectName("choice")
            button.setCheckable(True)
            button.setChecked(level in remembered)
            button.setProperty("title", title)
            button.setToolTip(self.tr("Show or hide the events of level “{0}”").format(level))
            button.toggled.connect(self._show)
            self.levels[level] = button
            row.addWidget(button)
        self.search.setObjectName("eventSearch")
        self.search.setPlaceholderText(self.tr("Words in events"))
        self.search.setAccessibleName(self.tr("Show events with these words"))
        self.search.setClearButtonEnabled(True)
        row.addWidget(self.search, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.table, 1)

    def _question(self) -> Callable[[Readers], list[TimedEvent]] | None:
        if self._context.feed.files.capture is None:
            return None
        after = self._after

        def read(readers: Readers) -> list[TimedEvent]:
            assert readers.capture is not None
            capture = readers.capture
            return [time_event(capture, event) for event in capture.events(after, _BATCH)]

        return read

    def _forget(self) -> None:
        self._events, self._after = [], 0
        self._show()

    def _take(self) -> None:
        new = [timed for timed in self.query.result or () if timed.event.id > self._after]
        if new:
            self._after = new[-1].event.id
            self._events = [*self._events, *new][-_MOST_EVENTS:]
            self._show()
        if len(new) == _BATCH:
            self.query.ask()
        self._explain()

    def _shown_levels(self) -> list[str]:
        return [level for level, button in self.levels.items() if button.isChecked()]

    def _show(self) -> None:
        shown, words = set(self._shown_levels()), self.search.text().casefold().split()
        self.model.show_records(
            fold(
                timed
                for timed in self._events
                if timed.event.level in shown and all(word in timed.event.message.casefold() for word in words)
            )
        )
        counts = dict.fromkeys(LEVELS, 0)
        for timed in self._events:
            counts[timed.event.level] = counts.get(timed.event.level, 0) + 1
        for level, button in self.levels.items():
            count = f" {thousands(counts[level])}" if counts[level] else ""
            button.setText(f"{LEVEL_MARKS[level].glyph} {button.property('title')}{count}")
        wrong = counts["warning"] + counts["error"]
        self.tell_count(wrong or None)
        self._explain()

    def _follow(self, row: int) -> None:
        line = self.model.record(row)
        if line is None:
            return
        if line.newest.checkpoint is not None:
            self._context.selection.choose_checkpoint(line.newest.checkpoint)
        if line.newest.frame is not None:
            self._context.selection.choose_frame(line.newest.frame)
            self._context.selection.reveal("frames")

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        if self.query.problem:
            return self.query.problem
        if self._events:
            hidden = thousands(len(self._events))
            if self.search.text().strip():
                return self.tr("No event of these levels has these words. {0} are hidden.").format(hidden)
            return self.tr("No event is of these levels. {0} of other levels are hidden.").format(hidden)
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
        if self.query.busy:
            return self.tr("The events are being read.")
        return self.tr("Nothing has happened yet that is worth a sentence.")

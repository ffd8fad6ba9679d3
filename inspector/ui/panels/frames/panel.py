"""The frames panel: the filter, the list, the pill that brings the newest back, and its sentences when it is empty."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.capture.annotations import Annotation
from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.capture.filter.scan import Found
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.actions import connect
from inspector.ui.fonts import row_height
from inspector.ui.frame.annotations import FrameAnnotations
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.chosen_entry import ChosenEntry
from inspector.ui.panels.frames.colouring import Colouring
from inspector.ui.panels.frames.columns import BYTES, KIND, LARGE_FRAME, LONGEST_KIND
from inspector.ui.panels.frames.exporter import ExportStrip
from inspector.ui.panels.frames.filter_line import FilterLine
from inspector.ui.panels.frames.following import Following
from inspector.ui.panels.frames.happening_search import HappeningSearch
from inspector.ui.panels.frames.known_values import known_values
from inspector.ui.panels.frames.last_end import LastEnd
from inspector.ui.panels.frames.list_menus import ListMenus
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.search import FrameSearch
from inspector.ui.panels.frames.sentences import count_words, why_empty
from inspector.ui.panels.frames.sorting import Sorting
from inspector.ui.panels.frames.tools import FrameTools
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Cell, Mark
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.pill import Pill
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural

_HAPPENINGS = "frames/happenings"


class FramesPanel(QWidget):
    """A live list over the capture; pausing it never pauses the sync."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._seen = 0
        self._room_kept = False
        self.model = FramesModel(self)
        self.search = FrameSearch(self)
        self.happenings = HappeningSearch(self.search, self)
        self.filter = FilterLine(context.settings, self._values_of, self.model.shown.first_at, self)
        self.table = RowTable(self.model, "frames", parent=self)
        self.table.setAccessibleName(self.tr("Frames of the sync stream"))
        self.table.restore_columns(context.settings)
        self.following = Following(self.table)
        self.note = EmptyNote(self.table)
        self.chosen = ChosenEntry(self.table, self.model, context.selection)
        self.sorting = Sorting(self.table, self.model, self.search, self.chosen)
        self.colouring = Colouring(context, self.model, self.search, self._values_of, self)
        self.annotations = FrameAnnotations(context.feed, self)
        self.tools = FrameTools(context, self.table, self.model, self.annotations, self)
        ListMenus(context.actions, self.table, self.model, self.filter, self.tools)
        self.pill = Pill(self.table, self.tr("Show the newest frames"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        self.last_end = LastEnd(context, self)
        layout.addWidget(self.last_end)
        layout.addWidget(ExportStrip(self.tools.exporter))
        self.setFocusProxy(self.table)
        self.addActions([context.actions.mark_frame, context.actions.comment_frame])
        self.table.keep_room_for(BYTES, Cell(LARGE_FRAME))
        context.actions.show_happenings.setChecked(context.settings.value(_HAPPENINGS, True) in (True, "true"))
        self._connect()
        self._open()
        self.sorting.restore(context.settings)
        self.chosen.announce_rows()
        self._reveal()

    def _connect(self) -> None:
        feed, selection = self._context.feed, self._context.selection
        feed.files_changed.connect(self._open)
        feed.data_changed.connect(self._update)
        feed.situation_changed.connect(self._explain)
        feed.closing.connect(self.search.close)
        selection.frame_changed.connect(self._reveal)
        selection.happening_changed.connect(self._reveal)
        self._context.actions.pause_view.toggled.connect(self._pause)
        self._context.actions.show_happenings.toggled.connect(self._show_happenings)
        self.pill.clicked.connect(self._catch_up_and_follow)
        self.following.changed.connect(self._show_pill)
        self.annotations.changed.connect(self._annotated)
        self.annotations.failed.connect(self._tell_failure)
        connect(self._context.actions.filter_frames, self._write_filter)
        self.sorting.about_to_show.connect(self.following.leave)
        self.sorting.shown.connect(self._after_sorting)
        self.filter.condition_changed.connect(self._apply_filter)
        self.filter.stop_wanted.connect(self.search.stop)
        self.filter.left.connect(self.table.setFocus)
        self.search.ready.connect(self.colouring.apply)
        self.search.found.connect(self._take)
        self.happenings.found.connect(self._take_happenings)
        self.search.changed.connect(self._tell_count)
        self.search.failed.connect(self._tell_failure)
        self.model.rowsInserted.connect(lambda _, first, last: self._keep_place(first, last - first + 1))
        self.model.rowsRemoved.connect(lambda _, first, last: self._keep_place(first, first - last - 1))

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)
        self.sorting.save(self._context.settings)

    @property
    def _paused(self) -> bool:
        return self._context.actions.pause_view.isChecked()

    # The capture

    def _open(self) -> None:
        self.sorting.follow(self._context.feed.source)
        path, reader, problem = self._context.feed.files.capture, None, ""
        if path is not None:
            try:
                reader = CaptureReader(path)
            except InspectorError as error:
                problem = str(error)
        self.model.show_capture(reader)
        try:
            self.annotations.read(reader)
        except InspectorError as error:
            problem = str(error)
        self.model.problem = self.model.problem or problem
        self.model.set_annotations(self.annotations.all)
        self.colouring.apply()
        self.tools.apply_time_base()
        self._seen = self.model.frames_in_capture()
        self.search.show_capture(path if reader is not None else None)
        self._room_kept = False
        self._keep_room()
        self.filter.renew()
        self._look_for_happenings()
        self.sorting.again()
        self.following.resume()
        self._tell_count()

    def _update(self) -> None:
        if self._paused:
            self._show_pill()
        else:
            self._seen = self.model.frames_in_capture()
            self.following.add_missed(self.model.catch_up())
            if self.model.filtered:
                self.search.follow()
            self.happenings.follow()
            self._keep_room()
            if self.model.sorted:
                if not self.model.row_count():
                    self.sorting.again()
                self._show_pill()
        self._tell_count()

    def _keep_room(self) -> None:
        """Once there is a frame of the kind with the longest name, the column has room for it."""
        if not self._room_kept:
            self.search.on_scan(lambda scan: scan.has_partials(), self._take_partials)

    def _take_partials(self, there: bool) -> None:
        if there and not self._room_kept:
            self._room_kept = True
            self.table.keep_room_for(KIND, Cell(LONGEST_KIND, mark=Mark("■", Colour.TEXT)))

    def _pause(self, paused: bool) -> None:
        if not paused:
            self._update()
        self._show_pill()

    def _catch_up_and_follow(self) -> None:
        self._context.actions.pause_view.setChecked(False)
        if self.model.sorted:
            self.sorting.again()
        else:
            self.following.resume()
        self.table.setFocus()

    # The filter

    def _apply_filter(self) -> None:
        condition = self.filter.condition
        with self.chosen.kept:
            if condition is None:
                self.model.show_all()
            else:
                self.model.show_found()
        self._seen = self.model.frames_in_capture()
        self.search.look_for(condition, self._notes())
        self._look_for_happenings()
        self.sorting.again()
        self._reveal()
        self._tell_count()

    def _after_sorting(self) -> None:
        if self.model.sorted:
            self.table.verticalScrollBar().setValue(0)
        elif self.chosen.entry is None:
            self.following.resume()
        self._reveal()
        self._show_pill()

    def _take(self, found: Found) -> None:
        chosen = self.chosen.entry
        with self.chosen.kept:
            grown = self.model.take(found)
        if not self.search.searching:
            self.following.add_missed(grown)
        if chosen is not None and (chosen < 0 or found.first <= chosen <= found.last):
            self._reveal()
        self._explain()

    # Uploads and events

    def _show_happenings(self, shown: bool) -> None:
        self._context.settings.setValue(_HAPPENINGS, shown)
        with self.chosen.kept:
            self.model.forget_happenings()
        self._look_for_happenings()
        self.sorting.again()
        self._reveal()
        self._tell_count()

    def _look_for_happenings(self) -> None:
        if self._context.actions.show_happenings.isChecked():
            self.happenings.look_for(self.filter.condition, self._notes())
        else:
            self.happenings.stop()

    def _take_happenings(self, found: FoundHappenings) -> None:
        bar = self.table.verticalScrollBar()
        top, offset = self.model.entry_at(bar.value() // row_height()), bar.value() % row_height()
        with self.chosen.kept:
            grown = self.model.take_happenings(found)
        row = self.model.row_of(top) if top is not None else None
        if row is not None and not self.following.active:
            bar.setValue(row * row_height() + offset)
        self.following.add_missed(grown)
        if self.model.sorted:
            self._show_pill()
        self._reveal()

    def _tell_count(self) -> None:
        total = self.model.frames_in_capture() if not self._paused else self._seen
        text = count_words(self.model, self.search, total, self.chosen.entry)
        self.filter.show_count(text, searching=self.search.searching and self.model.filtered)
        self._explain()

    # Marks and comments

    def _annotated(self, frame: int) -> None:
        self.model.set_annotations(self.annotations.all)
        if frame > 0:
            self.search.look_again(frame, self._notes())
        elif (condition := self.filter.condition) is not None and condition.annotated:
            self.model.forget_happenings()
            self._look_for_happenings()

    def _notes(self) -> dict[int, Annotation]:
        """A copy that the search may keep."""
        return dict(self.annotations.all)

    def _write_filter(self) -> None:
        self._context.selection.reveal("frames")
        self.filter.edit.setFocus()
        self.filter.edit.selectAll()

    def _tell_failure(self, problem: str) -> None:
        self.model.problem = problem
        self._explain()

    def _values_of(self, field: str) -> Sequence[str]:
        return known_values(field, self.model, self._context.buckets.present)

    # The list

    def _keep_place(self, first: int, rows: int) -> None:
        """Rows above those in view came or went: what is in view stays."""
        bar = self.table.verticalScrollBar()
        if not self.following.active and first * row_height() < bar.value():
            bar.setValue(bar.value() + rows * row_height())

    def _show_pill(self) -> None:
        missed = self.following.missed
        if self._paused:
            missed = self.model.frames_in_capture() - self._seen
        elif self.model.sorted:
            missed = self.model.not_sorted_in
        mixed = self.model.happening_rows > 0 and not self._paused
        frames = plural(missed, self.tr("new row") if mixed else self.tr("new frame"))
        text = self.tr("Paused · {0}") if self._paused else self.tr("Sort in {0}") if self.model.sorted else "▾ {0}"
        self.pill.tell(text.format(frames), shown=missed > 0)

    def _reveal(self) -> None:
        self.chosen.reveal()
        self._tell_count()

    def _explain(self) -> None:
        some = self.model.row_count() > 0
        self.note.say("" if some else why_empty(self.model, self.search, self._context.feed))

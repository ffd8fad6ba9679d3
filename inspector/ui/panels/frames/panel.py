"""The frames panel: the filter, the list, the pill that brings the newest back, and its sentences when it is empty."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from inspector.capture.annotations import Annotation
from inspector.capture.filter.happening_scan import FoundHappenings
from inspector.capture.filter.scan import Found
from inspector.capture.reader import CaptureReader
from inspector.protocol.errors import InspectorError
from inspector.ui.actions import connect
from inspector.ui.fonts import row_height
from inspector.ui.frame_annotations import FrameAnnotations
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.colouring import Colouring
from inspector.ui.panels.frames.columns import BYTES, KIND, LARGE_FRAME, LONGEST_KIND
from inspector.ui.panels.frames.conditions import condition_of, negated
from inspector.ui.panels.frames.exporter import ExportStrip
from inspector.ui.panels.frames.filter_line import FilterLine
from inspector.ui.panels.frames.following import Following
from inspector.ui.panels.frames.happening_search import HappeningSearch
from inspector.ui.panels.frames.known_values import known_values
from inspector.ui.panels.frames.last_end import LastEnd
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
        super().__init__()
        self._context = context
        self._seen = 0
        self._keeping_selection = False
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
        self.sorting = Sorting(self.table, self.model, self.search)
        self.colouring = Colouring(context, self.model, self.search, self._values_of, self)
        self.annotations = FrameAnnotations(context.feed, self)
        self.tools = FrameTools(context, self.table, self.model, self.annotations, self)
        self.filter.add_menu(self._fill_menu)
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
        self.table.keep_room_for(BYTES, Cell(LARGE_FRAME))
        context.actions.show_happenings.setChecked(context.settings.value(_HAPPENINGS, True) in (True, "true"))
        self._connect()
        self._open()
        self.sorting.restore(context.settings)
        # What is selected elsewhere stays selected while the list is filled for the first time.
        self.table.row_chosen.connect(self._announce)
        self._reveal()

    def _connect(self) -> None:
        feed, selection = self._context.feed, self._context.selection
        feed.files_changed.connect(self._open)
        feed.data_changed.connect(self._update)
        feed.situation_changed.connect(self._explain)
        feed.closing.connect(self.search.close)
        selection.frame_changed.connect(self._reveal)
        selection.happening_changed.connect(self._reveal)
        self.table.menu_wanted.connect(self._offer_conditions)
        self._context.actions.pause_view.toggled.connect(self._pause)
        self._context.actions.show_happenings.toggled.connect(self._show_happenings)
        self.pill.clicked.connect(self._catch_up_and_follow)
        self.following.changed.connect(self._show_pill)
        self.annotations.changed.connect(self._annotated)
        self.annotations.failed.connect(self._tell_failure)
        connect(self._context.actions.filter_frames, self._write_filter)
        self.sorting.about_to_show.connect(self._before_sorting)
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
        self._keeping_selection = True
        if condition is None:
            self.model.show_all()
        else:
            self.model.show_found()
        self._keeping_selection = False
        self._seen = self.model.frames_in_capture()
        self.search.look_for(condition, self._notes())
        self._look_for_happenings()
        self.sorting.again()
        self._reveal()
        self._tell_count()

    def _before_sorting(self) -> None:
        self._keeping_selection = True
        self.following.leave()

    def _after_sorting(self) -> None:
        self._keeping_selection = False
        if self.model.sorted:
            self.table.verticalScrollBar().setValue(0)
        elif self._chosen() is None:
            self.following.resume()
        self._reveal()
        self._show_pill()

    def _take(self, found: Found) -> None:
        chosen = self._chosen()
        self._keeping_selection = True
        grown = self.model.take(found)
        self._keeping_selection = False
        if not self.search.searching:
            self.following.add_missed(grown)
        if chosen is not None and (chosen < 0 or found.first <= chosen <= found.last):
            self._reveal()
        self._explain()

    # Uploads and events

    def _show_happenings(self, shown: bool) -> None:
        self._context.settings.setValue(_HAPPENINGS, shown)
        self._keeping_selection = True
        self.model.forget_happenings()
        self._keeping_selection = False
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
        self._keeping_selection = True
        grown = self.model.take_happenings(found)
        self._keeping_selection = False
        row = self.model.row_of(top) if top is not None else None
        if row is not None and not self.following.active:
            bar.setValue(row * row_height() + offset)
        self.following.add_missed(grown)
        if self.model.sorted:
            self._show_pill()
        self._reveal()

    def _chosen(self) -> int | None:
        """The frame or happening that is selected for all panels."""
        selection = self._context.selection
        return selection.happening if selection.frame is None else selection.frame

    def _tell_count(self) -> None:
        total = self.model.frames_in_capture() if not self._paused else self._seen
        text = count_words(self.model, self.search, total, self._chosen())
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

    def _fill_menu(self, menu: QMenu) -> None:
        actions = self._context.actions
        menu.addSeparator()
        menu.addActions([actions.go_to_frame, actions.mark_frame, actions.comment_frame, actions.next_mark])
        menu.addSeparator()
        menu.addAction(actions.show_happenings)
        self.tools.fill_menu(menu)
        menu.addAction(actions.colour_rules)
        menu.addSeparator()
        menu.addAction(actions.export_frames)

    def _write_filter(self) -> None:
        self._context.selection.reveal("frames")
        self.filter.edit.setFocus()
        self.filter.edit.selectAll()

    def _tell_failure(self, problem: str) -> None:
        self.model.problem = problem
        self._explain()

    def _values_of(self, field: str) -> Sequence[str]:
        return known_values(field, self.model, self._context.buckets.present)

    def _offer_conditions(self, menu: QMenu, row: int, column: int) -> None:
        shown = self.model.record(row)
        actions = self._context.actions
        menu.addActions([actions.copy_json, actions.copy_curl])
        menu.addSeparator()
        menu.addActions([actions.mark_frame, actions.comment_frame])
        condition = condition_of(self.model.columns[column].title, shown.frame) if shown is not None else ""
        if condition:
            menu.addSeparator()
            menu.addAction(self.tr("Filter by this value"), lambda: self.filter.add_condition(condition))
            menu.addAction(self.tr("Not this value"), lambda: self.filter.add_condition(negated(condition)))

    # The list

    def _announce(self, row: int) -> None:
        if self._keeping_selection:
            return
        entry = self.model.entry_at(row)
        if entry is not None and entry < 0:
            self._context.selection.choose_happening(entry)
        else:
            self._context.selection.choose_frame(entry)

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
        chosen = self._chosen()
        row = self.model.row_of(chosen) if chosen is not None else None
        if row is not None and row != self.table.currentIndex().row():
            self.table.choose_row(row)
        elif row is None and self.table.currentIndex().isValid():
            self._keeping_selection = True
            self.table.setCurrentIndex(QModelIndex())
            self._keeping_selection = False
        self._tell_count()

    def _explain(self) -> None:
        some = self.model.row_count() > 0
        self.note.say("" if some else why_empty(self.model, self.search, self._context.feed))

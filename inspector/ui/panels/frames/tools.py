"""What one does with frames of the list: mark them, write about them, go to one, tell their times another way."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QInputDialog, QMenu

from inspector.capture.annotations import Annotation
from inspector.capture.filter.errors import FilterError
from inspector.capture.filter.syntax import Word
from inspector.capture.filter.values import time_of
from inspector.capture.happenings import name_of
from inspector.ui.actions import connect
from inspector.ui.frame.annotations import FrameAnnotations
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.exporter import Exporter, ask_for_file, counted
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.time_base import TimeBase
from inspector.ui.widgets.copying import selected_rows
from inspector.ui.widgets.row_table import RowTable
from inspector.words import thousands

_TIME_BASE = "frames/time-base"


class FrameTools(QObject):
    """Carries out the actions that are about the list's selected frames."""

    def __init__(
        self, context: PanelContext, table: RowTable, model: FramesModel, annotations: FrameAnnotations, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context, self._table, self._model, self._annotations = context, table, model, annotations
        actions = context.actions
        connect(actions.mark_frame, self.mark)
        connect(actions.comment_frame, self.ask_for_comment)
        connect(actions.next_mark, self.go_to_next_mark)
        connect(actions.go_to_frame, self.ask_where_to_go)
        self.exporter = Exporter(lambda: context.feed.files.capture, self)
        context.feed.closing.connect(self.exporter.close)
        connect(actions.copy_json, lambda: self.exporter.copy_json(self.selected_entries()))
        connect(actions.copy_curl, self.copy_curl)
        connect(actions.copy_curl_with_token, self.copy_curl_with_token)
        connect(actions.export_frames, self.ask_where_to_export)
        self.time_bases = QActionGroup(self)
        remembered = str(context.settings.value(_TIME_BASE, TimeBase.CLOCK.name))
        for base in TimeBase:
            action = self.time_bases.addAction(self.tr(base.value))
            action.setCheckable(True)
            action.setChecked(base.name == remembered and base is not TimeBase.SELECTED)
            action.setData(base.name)
        self.time_bases.triggered.connect(lambda _: self.apply_time_base())

    def fill_menu(self, menu: QMenu) -> None:
        """How times are told."""
        times = menu.addMenu(self.tr("Times"))
        times.addActions(self.time_bases.actions())

    def selected_entries(self) -> list[int]:
        """The ids of the selected frames and the keys of the selected happenings, in order."""
        found = (self._model.entry_at(row) for row in selected_rows(self._table))
        return [entry for entry in found if entry is not None]

    # Copies and files

    def copy_curl(self) -> None:
        """Copy the request that brought the selected frame."""
        if (connection := self._connection()) is not None:
            self.exporter.copy_curl(connection)

    def copy_curl_with_token(self) -> None:
        """The same with the token that the session holds; captures have none."""
        connection, session = self._connection(), self._context.feed.active
        if connection is not None and session is not None:
            session.ask_token(partial(self.exporter.copy_curl_with, connection))

    def _connection(self) -> int | None:
        shown = self._model.record(self._table.currentIndex().row())
        return shown.frame.connection if shown is not None else None

    def entries_to_export(self) -> Sequence[int]:
        """The selected rows when there are several, else all that are shown."""
        selection = self._table.selectionModel().selection()
        rows = sum(span.height() for span in (selection.at(i) for i in range(selection.count())))
        if rows <= 1:
            return self._model.entries_shown()
        shown = self._model.entries_shown()
        spans = sorted((selection.at(i).top(), selection.at(i).bottom()) for i in range(selection.count()))
        chosen = array("q")
        for top, bottom in spans:
            chosen.extend(shown[top : bottom + 1])
        return chosen

    def ask_where_to_export(self) -> None:
        """Ask for a file, then write the frames to it."""
        capture, frames = self._context.feed.files.capture, self.entries_to_export()
        if capture is None or not frames:
            return
        title = self.tr("Export {0}").format(counted(frames))
        ask_for_file(
            self._table,
            title,
            capture.stem,
            lambda path, form: self.exporter.write(path, form, frames, dict(self._annotations.all)),
        )

    # Marks and comments

    def mark(self) -> None:
        """Mark the selected frames; when all of them are marked, take the marks away."""
        frames = self.selected_entries()
        marked = not all(self._annotations.of(frame).marked for frame in frames)
        for frame in frames:
            self._annotations.set(frame, Annotation(marked, self._annotations.of(frame).comment))

    def comment(self, frame: int, text: str) -> None:
        """Say this about a frame; empty takes the comment away."""
        self._annotations.set(frame, Annotation(self._annotations.of(frame).marked, text.strip()))

    def ask_for_comment(self) -> None:
        """Ask what to say about the selected frame."""
        selection = self._context.selection
        frame = selection.happening if selection.frame is None else selection.frame
        if frame is None:
            return
        where = (
            self.tr("It is kept in the capture.")
            if self._annotations.kept_in_capture
            else self.tr("The capture is not changed: it is kept among your own data, and found with every copy of it.")
        )
        what = self.tr("frame {0}").format(thousands(frame)) if frame > 0 else name_of(frame)
        dialog = self._dialog(self.tr("Comment on {0}").format(what), where, self.tr("Keep"))
        dialog.setTextValue(self._annotations.of(frame).comment)
        dialog.textValueSelected.connect(lambda text: self.comment(frame, text))
        dialog.open()

    def go_to_next_mark(self) -> None:
        """Select the next row with a mark or a comment that is shown, from the top again after the last."""
        rows = sorted(row for entry in self._annotations.all if (row := self._model.row_of(entry)) is not None)
        if rows:
            self._go_to_row(rows[bisect_right(rows, self._table.currentIndex().row()) % len(rows)])

    # Going somewhere

    def go_to(self, frame: int) -> None:
        """Select a frame, or the next one that is shown."""
        self._go_to_row(self._model.nearest_row(frame))

    def _go_to_row(self, row: int) -> None:
        if row >= 0:
            self._table.choose_row(row)
            self._table.scrollTo(self._model.index(row, 0), RowTable.ScrollHint.PositionAtCenter)
            self._table.setFocus()

    def go_to_text(self, text: str) -> bool:
        """Go to a frame's number or to a time; False where the text is neither."""
        text = text.strip().replace("\u2009", "").replace(" ", "")
        if text.isdecimal():
            self.go_to(int(text))
            return True
        try:
            moment = time_of(Word(text, 1, len(text)), self._model.shown.first_at())
        except FilterError:
            return False
        if (frame := self._model.shown.entries.frame_at(moment)) is not None:
            self.go_to(frame)
        return True

    def ask_where_to_go(self, problem: str = "", typed: str = "") -> None:
        """Ask for a number or a time; what was typed with a `problem` can be put right."""
        label = self.tr("The frame's number, or a time such as 14:03:38 or 2026-11-23T14:03")
        dialog = self._dialog(self.tr("Go to frame or time"), f"{problem}\n{label}".strip(), self.tr("Go"))
        dialog.setTextValue(typed)

        def go(text: str) -> None:
            if not self.go_to_text(text):
                self.ask_where_to_go(self.tr("“{0}” is no number and no time.").format(text), text)

        dialog.textValueSelected.connect(go)
        dialog.open()

    # Times

    def apply_time_base(self) -> None:
        """Tell times as it was chosen."""
        chosen = self.time_bases.checkedAction()
        base = TimeBase[chosen.data()] if chosen is not None else TimeBase.CLOCK
        if base is not TimeBase.SELECTED:
            self._context.settings.setValue(_TIME_BASE, base.name)
        self._model.set_time_base(base, self._context.selection.frame)

    def _dialog(self, title: str, label: str, button: str) -> QInputDialog:
        dialog = QInputDialog(self._table)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setOkButtonText(button)
        return dialog

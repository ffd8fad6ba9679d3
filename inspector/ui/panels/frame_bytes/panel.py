"""The bytes panel: hexadecimal beside text, indented JSON, or the body as it is."""

import re

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.analysis.state import DatabaseFile
from inspector.protocol.framing import FrameFormat
from inspector.ui.fonts import PADDING, mono_width
from inspector.ui.frame.content import FrameContent
from inspector.ui.frame.field_places import path_at, path_words
from inspector.ui.frame.field_things import things_at
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frame_bytes.find_line import FindLine, next_of
from inspector.ui.panels.frame_bytes.hex_table import HexTable
from inspector.ui.panels.frame_bytes.models import HexModel, LinesModel, raw_text, wrapped
from inspector.ui.panels.frame_bytes.text_view import TextView
from inspector.ui.things import Things
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

_HEX, _JSON, _RAW = range(3)
_LONGEST_LINE = 2000
_MOST_EXPLAINED = 65_536
"""Bytes: of longer frames a field is looked for when one is clicked, not when one is pointed at."""


class BytesPanel(QWidget):
    """The exact body of the selected frame."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._content: FrameContent | None = None
        self._found_at = -1
        self._shown: tuple[int, FrameContent | None, int] | None = None
        self.choice = ChoiceStrip((self.tr("Hex"), self.tr("JSON"), self.tr("Raw")))
        self.hex_model, self.line_model = HexModel(self), LinesModel(self)
        self.hex_table = HexTable(self.hex_model, "hexView", self._explain_byte)
        self.line_table = TextView(self.line_model, "textView")
        self.hex_table.setAccessibleName(self.tr("The frame's bytes"))
        self.line_table.setAccessibleName(self.tr("The frame's text"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hex_table)
        self._stack.addWidget(self.line_table)
        self.note = EmptyNote(self, top=0)
        self.finder = FindLine(self)
        self.finder.wanted.connect(self._find)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.choice)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.finder)
        self.setFocusProxy(self.hex_table)
        context.frame.changed.connect(self._show)
        context.frame.field_changed.connect(self._mark)
        context.feed.situation_changed.connect(self._explain)
        self.choice.chosen.connect(lambda _: self._fill())
        self.hex_model.things_of = self._things_of
        self.hex_table.byte_clicked.connect(context.frame.choose_byte)
        for part in (self._stack, self.hex_table, self.line_table):
            part.installEventFilter(self)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._stack and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fill()
        elif isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Find):
            # In here it finds, where else it filters the frames.
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() is QEvent.Type.KeyPress:
                self.finder.begin()
            return True
        return False

    def _show(self) -> None:
        content = self._content = self._context.frame.content
        self._found_at = -1
        self.choice.setVisible(content is not None)
        self._stack.setVisible(content is not None)
        if content is not None:
            self._tell()
            self.choice.offer(_JSON, content.tree is not None)
            self.choice.offer(_RAW, content.format is FrameFormat.NDJSON)
            if content.format is not FrameFormat.NDJSON and self.choice.choice == _RAW:
                self.choice.choose(_HEX)
        self._fill()
        self._explain()

    def _fill(self) -> None:
        """Show the body in the chosen way; nothing is done while the panel is not in sight."""
        content, what = self._content, self.choice.choice
        characters = int(self._stack.width() / mono_width())
        wanted = what, content, characters
        if content is None or not self._stack.isVisible() or wanted == self._shown:
            return
        self._shown = wanted
        if what == _RAW:
            width = max(20, characters - 4)
            self._show_lines(wrapped([raw_text(content.body)], width), width, is_json=False)
        elif what == _JSON and content.tree is not None:
            self._context.frame.background.run(
                lambda: wrapped(content.pretty, _LONGEST_LINE),
                lambda lines: self._show_lines(lines, _LONGEST_LINE, is_json=True) if self._shown == wanted else None,
            )
        else:
            self.hex_model.show_bytes(content.body)
            self.hex_table.fill(self._stack.width())
            self._show_table(self.hex_table)
            self._mark()

    def _mark(self) -> None:
        """Show which bytes the selected field has."""
        self._tell()
        row = self.hex_model.mark(self._context.frame.field)
        if row is not None and row not in self.hex_table.rows_on_screen()[:-1]:
            self.hex_table.scrollTo(self.hex_model.index(row, 0), RowTable.ScrollHint.PositionAtCenter)

    def _tell(self) -> None:
        content, field = self._content, self._context.frame.field
        if content is None:
            return
        facts = [plural(len(content.body), "byte"), content.format.upper()]
        if field is not None:
            facts.insert(
                0, self.tr("field: {0} from {1}").format(plural(field[1] - field[0], "byte"), thousands(field[0]))
            )
        self.choice.remark.set_text(" · ".join(facts))

    def _show_lines(self, lines: list[str], cut_at: int, *, is_json: bool) -> None:
        self.line_model.coloured, self.line_model.cut_at = is_json, cut_at
        self.line_model.show_records(lines)
        longest = max(map(len, lines), default=0)
        self.line_table.header.resizeSection(0, int(longest * mono_width()) + 2 * PADDING + 4)
        self._show_table(self.line_table)

    def _show_table(self, table: RowTable) -> None:
        """The other one, and the keyboard with it."""
        had_focus = self.hex_table.hasFocus() or self.line_table.hasFocus()
        self._stack.setCurrentWidget(table)
        self.setFocusProxy(table)
        if had_focus:
            table.setFocus()

    def _explain_byte(self, offset: int) -> str:
        """The tooltip of a byte: where it is, and the field that it belongs to."""
        content = self._content
        if content is None:
            return ""
        where = self.tr("byte {0}").format(thousands(offset))
        if len(content.body) > _MOST_EXPLAINED:
            return self.tr("{0} · click to see its field").format(where)
        words = path_words(path_at(content.body, content.format, offset))
        return f"{words}\n{where}" if words else where

    def _things_of(self, offset: int) -> Things:
        content = self._content
        return Things() if content is None else things_at(content, path_at(content.body, content.format, offset))

    # Finding

    def _find(self, text: str, step: int) -> None:
        """Go to the next place with `text`, or the one before, from the top again after the last."""
        if not text or self._content is None:
            self.finder.tell("")
        elif self._stack.currentWidget() is self.hex_table:
            self._find_bytes(self._content.body, text, step)
        else:
            lines, wanted = self.line_model.records, text.casefold()
            rows = [row for row, line in enumerate(lines) if wanted in line.casefold()]
            at = next_of(rows, self.line_table.currentIndex().row(), step)
            if at is not None:
                self.line_table.choose_row(rows[at])
                begin = lines[rows[at]].casefold().find(wanted)
                self.line_table.mark((rows[at], begin), (rows[at], begin + len(text)))
            self.finder.tell_place(at, len(rows))

    def _find_bytes(self, body: bytes, text: str, step: int) -> None:
        wanted = text.encode()
        starts = [match.start() for match in re.finditer(re.escape(wanted), body, re.IGNORECASE)]
        at = next_of(starts, self._found_at, step)
        if at is not None:
            self._found_at = starts[at]
            self.hex_model.mark((starts[at], starts[at] + len(wanted)))
            self.hex_table.choose_row(starts[at] // self.hex_model.per_row)
        self.finder.tell_place(at, len(starts))

    def _explain(self) -> None:
        if self._content is not None:
            self.note.say("")
        elif self._context.frame.problem:
            self.note.say(self._context.frame.problem)
        elif self._context.frame.happening is not None:
            self.note.say(self.tr("What is selected is no frame: only frames are recorded byte by byte."))
        elif isinstance(self._context.feed.situation, DatabaseFile):
            self.note.say(self.tr("A client database holds no frames, so there are no bytes to show."))
        else:
            self.note.say(self.tr("Select a frame to see its bytes as they came."))

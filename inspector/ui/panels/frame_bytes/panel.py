"""The bytes panel: hexadecimal beside text, indented JSON, or the body as it is."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.analysis.state import DatabaseFile
from inspector.protocol.framing import FrameFormat
from inspector.ui.fonts import PADDING, mono_width
from inspector.ui.frame_content import FrameContent
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frame_bytes.models import HexModel, line_model, raw_text, wrapped
from inspector.ui.widgets.choice_strip import ChoiceStrip
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

_HEX, _JSON, _RAW = range(3)
_LONGEST_LINE = 2000
_OFFSET_CHARACTERS = 6
_COLUMN_MARGINS = 6 * PADDING


class BytesPanel(QWidget):
    """The exact body of the selected frame."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._content: FrameContent | None = None
        self._shown: tuple[int, FrameContent | None, int] | None = None
        self.choice = ChoiceStrip((self.tr("Hex"), self.tr("JSON"), self.tr("Raw")))
        self.hex_model, self.line_model = HexModel(self), line_model(self)
        self.hex_table = RowTable(self.hex_model, "hexView", header=False)
        self.line_table = RowTable(self.line_model, "textView", header=False)
        self.hex_table.setAccessibleName(self.tr("The frame's bytes"))
        self.line_table.setAccessibleName(self.tr("The frame's text"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.hex_table)
        self._stack.addWidget(self.line_table)
        self.note = EmptyNote(self, top=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.choice)
        layout.addWidget(self._stack, 1)
        context.frame.changed.connect(self._show)
        context.frame.field_changed.connect(self._mark)
        context.feed.situation_changed.connect(self._explain)
        self.choice.chosen.connect(lambda _: self._fill())
        self._stack.installEventFilter(self)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fill()
        return False

    def _show(self) -> None:
        content = self._content = self._context.frame.content
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
            self._show_lines(wrapped([raw_text(content.body)], max(20, characters - 4)))
        elif what == _JSON and content.tree is not None:
            self._context.frame.background.run(
                lambda: wrapped(content.pretty, _LONGEST_LINE),
                lambda lines: self._show_lines(lines) if self._shown == wanted else None,
            )
        else:
            self.hex_model.set_per_row(self._bytes_per_row())
            self.hex_model.show_bytes(content.body)
            self.hex_table.fit_columns()
            self._stack.setCurrentWidget(self.hex_table)
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

    def _show_lines(self, lines: list[str]) -> None:
        self.line_model.show_records(lines)
        longest = max(map(len, lines), default=0)
        self.line_table.header.resizeSection(0, int(longest * mono_width()) + 2 * PADDING + 4)
        self._stack.setCurrentWidget(self.line_table)

    def _bytes_per_row(self) -> int:
        """As many as fit, in eights: each takes three characters, and one more as text."""
        room = (self._stack.width() - _COLUMN_MARGINS) / mono_width() - _OFFSET_CHARACTERS - 2
        return max(8, int(room / 4) // 8 * 8)

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

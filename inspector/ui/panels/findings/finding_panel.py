"""The finding panel: one finding whole, with the evidence and the way to it."""

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.finding_types import Evidence, Finding
from inspector.ui.fonts import bold_font
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.findings.panel import GLYPHS
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Align, Cell, Column, Face
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone

_TITLE_GROWTH = 3
"""Pixels."""
_LEAST_TEXT = 60
"""Pixels."""


def _link(evidence: Evidence) -> Cell:
    if not evidence.panel:
        return Cell()
    return Cell(f"Show in {evidence.panel.capitalize()}", Colour.ACCENT, tooltip="Double click, Enter or Alt+click.")


COLUMNS: tuple[Column[Evidence], ...] = (
    Column("Where", lambda it: it.where, face=Face.MONO, width=18, widest=40),
    Column("What is there", lambda it: it.what, width=24, stretch=True),
    Column("", cell=_link, align=Align.RIGHT, width=20),
)


class EvidenceModel(ListModel[Evidence]):
    """The evidence of one finding."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def things(self, record: Evidence) -> Things:
        return Things(bucket=record.bucket)


class _Text(QScrollArea):
    """As high as what it holds; it scrolls where there is less room, and never keeps the window from being low."""

    def __init__(self, held: QWidget) -> None:
        super().__init__()
        self._held = held
        self.setObjectName("findingText")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(_LEAST_TEXT)
        self.setWidget(held)

    def sizeHint(self) -> QSize:
        return QSize(300, self._held.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class FindingPanel(QWidget):
    """Shows the finding that was chosen in the list."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title, self.origin, self.meaning, self.next_step = (QLabel() for _ in range(4))
        self.model = EvidenceModel(self)
        self.table = RowTable(self.model, "evidence", parent=self)
        self.table.setAccessibleName(self.tr("Evidence"))
        self.note = EmptyNote(self, top=0)
        self._lay_out()
        context.findings.chosen_changed.connect(self._show)
        self.table.row_followed.connect(self._follow)
        self.table.clicked.connect(
            lambda index: self._follow(index.row()) if index.column() == len(COLUMNS) - 1 else None
        )
        self._show()

    def _lay_out(self) -> None:
        large = QFont(bold_font())
        large.setPixelSize(large.pixelSize() + _TITLE_GROWTH)
        self.title.setFont(large)
        set_tone(self.origin, Colour.DIM)
        held = QWidget()
        inner = QVBoxLayout(held)
        inner.setContentsMargins(16, 14, 16, 10)
        inner.setSpacing(8)
        for label in (self.title, self.origin, self.meaning, self.next_step):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setMinimumHeight(1)  # the height of wrapped text is that for its width, not Qt's guess
            inner.addWidget(label)
        self.text = _Text(held)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.text)
        layout.addWidget(self.table, 1)

    def _show(self) -> None:
        finding = self._context.findings.chosen
        self.text.setVisible(finding is not None)
        self.table.setVisible(finding is not None and bool(finding.evidence))
        self.note.say(
            "" if finding is not None else self.tr("The finding that is chosen in Findings appears here whole.")
        )
        if finding is not None:
            self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        self.title.setText(f"{GLYPHS.get(finding.role, '○')} {finding.title}")
        self.origin.setText(self.tr("{0} · found by {1}").format(str(finding.certainty), finding.name))
        self.meaning.setText(self.tr("What it means: {0}").format(finding.meaning))
        self.next_step.setText(self.tr("What to do: {0}").format(finding.next_step))
        self.model.show_records([])
        self.model.show_records(list(finding.evidence))
        self.table.fit_columns()
        self.text.updateGeometry()
        self.text.verticalScrollBar().setValue(0)

    def _follow(self, row: int) -> None:
        evidence = self.model.record(row)
        if evidence is None or not evidence.panel:
            return
        if evidence.bucket is not None:
            self._context.selection.choose_bucket(evidence.bucket)
        self._context.selection.reveal(evidence.panel)

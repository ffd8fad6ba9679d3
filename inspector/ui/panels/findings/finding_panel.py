"""The finding panel: one finding whole, with the evidence and the way to it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.finding_types import Evidence, Finding
from inspector.ui.fonts import PADDING, bold_font, zoomed
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.findings.evidence_things import things_of
from inspector.ui.panels.findings.panel import GLYPHS
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Align, Cell, Column, Face
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.prose import Prose
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone

_TITLE_GROWTH = 3
"""Pixels."""
_LEAST_TEXT, _MARGIN = 60, 18
"""Pixels."""
_LONGEST_LINE = 720
"""Pixels at 100 %."""
_TITLES = {"sql": "SQL", "row": "Row history"}


def _link(evidence: Evidence) -> Cell:
    if not evidence.panel:
        return Cell()
    text = evidence.link or f"Show in {_TITLES.get(evidence.panel, evidence.panel.capitalize())}"
    return Cell(text, Colour.ACCENT, tooltip="A click, Enter or Alt+click shows it.")


COLUMNS: tuple[Column[Evidence], ...] = (
    Column("Where", lambda it: it.where, face=Face.MONO, width=18, widest=34, least=10),
    Column("What is there", lambda it: it.what, width=24, least=8, stretch=True),
    Column("", cell=_link, align=Align.RIGHT, width=18),
)


class EvidenceModel(ListModel[Evidence]):
    """The evidence of one finding."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def things(self, record: Evidence) -> Things:
        return things_of(record)


class _Text(QScrollArea):
    """As high as what it holds; it scrolls where there is less room, and never keeps the window from being low."""

    def __init__(self, held: QWidget) -> None:
        super().__init__()
        self._held = held
        self.setObjectName("findingText")
        self.setAccessibleName(self.tr("The finding"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(_LEAST_TEXT)
        self.setWidget(held)

    def sizeHint(self) -> QSize:
        return QSize(300, self._held.heightForWidth(min(self.width(), self._held.maximumWidth())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class FindingPanel(QWidget):
    """Shows the finding that was chosen in the list."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.title, self.origin, self.meaning, self.next_step = (
            Prose(name) for name in ("findingTitle", "findingOrigin", "findingMeaning", "findingNextStep")
        )
        self.evidence_head = QLabel(self.tr("Evidence"))
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
        set_tone(self.evidence_head, Colour.TEXT, bold=True)
        held = QWidget()
        inner = QVBoxLayout(held)
        inner.setContentsMargins(_MARGIN, 14, _MARGIN, 8)
        inner.setSpacing(9)
        for label in (self.title, self.origin, self.meaning, self.next_step, self.evidence_head):
            inner.addWidget(label)
        self.text = _Text(held)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.text)
        evidence = QHBoxLayout()
        evidence.setContentsMargins(_MARGIN - PADDING, 0, _MARGIN - PADDING, 0)  # what is in it stands below the text
        evidence.addWidget(self.table, 1)
        evidence.addStretch(0)
        layout.addLayout(evidence, 1)
        self.setFocusProxy(self.table)
        self._held = held
        self._bound()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._bound()

    def _bound(self) -> None:
        """Lines that are longer are hard to read, and their ends far from their beginnings."""
        self._held.setMaximumWidth(zoomed(_LONGEST_LINE) + 2 * _MARGIN)
        self.table.setMaximumWidth(zoomed(_LONGEST_LINE) + 2 * PADDING)

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
        self.title.say(f"{GLYPHS.get(finding.role, '○')} {finding.title}")
        self.origin.say(self.tr("{0} · found by {1}").format(str(finding.certainty), f"`{finding.check}`"))
        self.meaning.say(finding.meaning, self.tr("What it means."))
        self.next_step.say(finding.next_step, self.tr("What to do."))
        self.evidence_head.setVisible(bool(finding.evidence))
        self.model.show_records([])
        self.model.show_records(list(finding.evidence))
        self.table.fit_columns()
        self.text.updateGeometry()
        self.text.verticalScrollBar().setValue(0)

    def _follow(self, row: int) -> None:
        evidence = self.model.record(row)
        if evidence is None or not evidence.panel:
            return
        selection = self._context.selection
        self.model.things(evidence).choose(selection)
        if evidence.sql:
            selection.ask_sql(evidence.sql)
        selection.reveal(evidence.panel)

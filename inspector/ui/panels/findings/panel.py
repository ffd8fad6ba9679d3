"""The findings panel: what is wrong with what is open, worst first."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.analysis.finding_types import Finding
from inspector.analysis.state import EngineGone, NothingOpen, Opening, Role, Unreadable
from inspector.ui.panels.context import PanelContext
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.widgets.columns import Align, Cell, Column, Mark
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.foot_note import FootNote
from inspector.ui.widgets.row_model import ListModel
from inspector.ui.widgets.row_table import RowTable
from inspector.words import plural, thousands

GLYPHS = {Role.BROKEN: "✕", Role.HELD: "▲", Role.PARTIAL: "◐"}


def _title(finding: Finding) -> Cell:
    mark = Mark(GLYPHS.get(finding.role, "○"), ROLE_COLOURS[finding.role])
    return Cell(finding.title, mark=mark, tooltip=f"{finding.title}. {finding.summary}")


COLUMNS: tuple[Column[Finding], ...] = (
    Column("Finding", cell=_title, width=30, widest=60, least=20, stretch=True),
    Column("In short", cell=lambda it: Cell(it.summary, Colour.DIM), width=40, widest=80, optional=True),
    Column(
        "Certainty",
        cell=lambda it: Cell(str(it.certainty), Colour.DIM),
        align=Align.RIGHT,
        width=9,
        explains="Certain: it is so. Likely: it follows from what is there. Hint: worth a look.",
    ),
)


class FindingsModel(ListModel[Finding]):
    """Findings by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: Finding) -> object:
        return record.name


class FindingsPanel(QWidget):
    """The list; the chosen one is shown whole in the panel Finding."""

    count_changed = Signal(object)

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.model = FindingsModel(self)
        self.table = RowTable(self.model, "findings", parent=self)
        self.table.setAccessibleName(self.tr("Findings, worst first"))
        self.table.restore_columns(context.settings)
        self.note = EmptyNote(self.table)
        self.checks = FootNote("checksRan")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.checks)
        context.findings.changed.connect(self._show)
        context.findings.chosen_changed.connect(self._choose)
        context.feed.situation_changed.connect(self._explain)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_followed.connect(lambda _: context.selection.reveal("finding"))
        self._show()

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)

    def _show(self) -> None:
        report = self._context.findings.report
        self.model.show_records(list(report.findings))
        self.count_changed.emit(len(report.findings) or None)
        ran = self.tr("{0} ran · {1} found nothing").format(plural(report.checks, "check"), thousands(report.silent))
        self.checks.say(ran if report.checks else "")
        self._choose()
        self._explain()

    def _choose(self) -> None:
        chosen = self._context.findings.chosen
        row = next(
            (at for at, it in enumerate(self.model.records) if chosen is not None and it.name == chosen.name), -1
        )
        if row >= 0 and row != self.table.currentIndex().row():
            self.table.choose_row(row)

    def _chosen(self, row: int) -> None:
        finding = self.model.record(row) if row >= 0 else None
        if finding is not None:
            self._context.findings.choose(finding)

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr("What is wrong with a client appears here, with its evidence. Open a file, or connect.")
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("Nothing was checked, because the file cannot be opened.")
            case EngineGone():
                return self.tr("The sync engine does not run, so nothing is checked.")
        if not self._context.findings.ready:
            return self.tr("The checks are running.")
        return self.tr("Nothing is wrong, as far as the checks go.")

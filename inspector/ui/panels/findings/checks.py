"""The list of all checks: what each looks for, what it looked at, and what came of it."""

from PySide6.QtCore import QObject

from inspector.analysis.finding_types import CheckResult, CheckState
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.widgets.columns import Cell, Column, Mark
from inspector.ui.widgets.row_model import ListModel
from inspector.words import plural


def _what_came(result: CheckResult) -> Cell:
    match result.state:
        case CheckState.NOTHING:
            return Cell("nothing", Colour.DIM, Mark("✓", Colour.FINE), tooltip="It ran, and found nothing.")
        case CheckState.FOUND:
            worst = result.findings[0]
            text = plural(len(result.findings), "finding")
            return Cell(
                text, mark=Mark("✕", ROLE_COLOURS[worst.role]), tooltip="Double click or Enter shows the first."
            )
        case CheckState.NOT_RUN:
            return Cell("could not run", Colour.HELD, Mark("▲", Colour.HELD), tooltip=result.remark)
    return Cell("runs", Colour.DIM, Mark("○", Colour.IDLE))


COLUMNS: tuple[Column[CheckResult], ...] = (
    Column("Looks for", lambda it: it.check.title, width=26, widest=48, least=12, stretch=True),
    Column("Found", cell=_what_came, width=14, explains="What came of it."),
    Column(
        "Looked at",
        cell=lambda it: Cell(it.check.looks_at, Colour.DIM),
        width=30,
        widest=60,
        optional=True,
        explains="The tables, lines or answers that it read.",
    ),
    Column("Check", lambda it: it.check.name, width=24, optional=True, explains="Its name."),
)


class ChecksModel(ListModel[CheckResult]):
    """Checks by their names, in the order in which they run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: CheckResult) -> object:
        return record.check.name

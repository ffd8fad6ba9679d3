"""The list of all checks: what each looks for, what it looked at, and what came of it."""

from PySide6.QtCore import QObject

from inspector.analysis.finding_types import CheckResult, CheckState
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.widgets.columns import Align, Cell, Column, Mark, RowStyle
from inspector.ui.widgets.row_model import ListModel
from inspector.words import plural


def _title(result: CheckResult) -> Cell:
    marks = {
        CheckState.NOTHING: Mark("✓", Colour.FINE),
        CheckState.NOT_RUN: Mark("▲", Colour.HELD),
        CheckState.WAITS: Mark("○", Colour.IDLE),
    }
    mark = marks.get(result.state)
    if mark is None:
        mark = Mark("✕", ROLE_COLOURS[result.findings[0].role])
    about = f"{result.check.name} looks at {result.check.looks_at}."
    return Cell(result.check.title, mark=mark, tooltip=f"{about} {result.remark}".strip())


def _looked_at(result: CheckResult) -> Cell:
    if result.state is CheckState.NOT_RUN:
        return Cell(result.remark, Colour.HELD)
    verb = "looks" if result.state is CheckState.WAITS else "looked"
    return Cell(f"{verb} at {result.check.looks_at}", Colour.DIM)


def _what_came(result: CheckResult) -> Cell:
    if result.state is CheckState.FOUND:
        return Cell(plural(len(result.findings), "finding"), tooltip="Double click or Enter shows the first.")
    words = {CheckState.NOTHING: "nothing", CheckState.NOT_RUN: "could not run", CheckState.WAITS: "to come"}
    return Cell(words[result.state], Colour.DIM)


COLUMNS: tuple[Column[CheckResult], ...] = (
    Column("Looks for", cell=_title, width=30, stretch=True),
    Column("Looked at", cell=_looked_at, width=40),
    Column("Found", cell=_what_came, align=Align.RIGHT, width=12),
)


class ChecksModel(ListModel[CheckResult]):
    """Checks by their names, in the order in which they run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: CheckResult) -> object:
        return record.check.name

    def row_style(self, record: CheckResult) -> RowStyle:
        return RowStyle(tint=ROLE_COLOURS[record.findings[0].role] if record.findings else None)

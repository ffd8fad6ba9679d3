"""A row's values beside each other: the service's and this device's, or those before and after a step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from inspector.analysis.pending_writes import fields_of, same_value
from inspector.analysis.row_facts import RowFacts, Step

ColumnState: TypeAlias = Literal["same", "pending", "newer", "altered", "unknown"]


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """A column as the service has it and as this device shows it; None where it is not there."""

    column: str
    service: str | None
    device: str | None
    state: ColumnState


def compared_columns(facts: RowFacts) -> list[ColumnValues]:
    """Every column of the service's newest operation and of the table's row."""
    newest = facts.newest
    service = fields_of(newest.data) if newest is not None and newest.readable else {}
    device = fields_of(facts.data) if facts.data is not None else {}
    written = {change.column for write in facts.pending for change in write.changes}
    found = []
    for column in dict.fromkeys((*service, *device)):
        if column == "id":
            continue
        there, here = service.get(column), device.get(column)
        found.append(ColumnValues(column, there, here, _column_state(facts, column, there, here, written)))
    return found


def _column_state(facts: RowFacts, column: str, there: str | None, here: str | None, written: set[str]) -> ColumnState:
    if facts.data is None or facts.newest is None:
        return "pending" if column in written else "unknown"
    if same_value(there or "null", here or "null"):
        return "same"
    if column in written or any(write.entry.op != "PATCH" for write in facts.pending):
        return "pending"
    if not facts.newest_is_shown:
        return "newer"
    if facts.pending:
        # A view's trigger writes the columns of the schema alone: fields that it lacks go with a local write.
        return "pending" if here is None else "altered"
    return "unknown" if facts.touched else "altered"


def changed_columns(step: Step) -> Sequence[ColumnValues]:
    """The row before and after a step, column by column; `service` stands for before, `device` for after."""
    before, after = dict(step.values_before or ()), dict(step.values)
    return [
        ColumnValues(
            column,
            before.get(column),
            after.get(column),
            "same" if same_value(before.get(column, "null"), after.get(column, "null")) else "newer",
        )
        for column in dict.fromkeys((*after, *before))
        if column != "id"
    ]

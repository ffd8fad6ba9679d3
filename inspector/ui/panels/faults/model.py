"""All faults in groups that open and close."""

from collections.abc import Mapping

from PySide6.QtCore import QObject

from inspector.engine.control import FaultStatus
from inspector.service.faults.fault import Fault, Group
from inspector.ui.panels.faults.columns import COLUMNS, FaultLine, GroupLine, Line
from inspector.ui.widgets.columns import RowStyle
from inspector.ui.widgets.row_model import ListModel

_FAULT_ROW = RowStyle(depth=1)


class FaultsModel(ListModel[Line]):
    """The catalogue, and what the service says of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._catalogue: tuple[Fault, ...] = ()
        self._statuses: Mapping[str, FaultStatus] = {}
        self._closed: set[Group] = set()

    def show_faults(self, catalogue: tuple[Fault, ...], statuses: tuple[FaultStatus, ...]) -> None:
        """Show these."""
        self._catalogue = catalogue
        self._statuses = {status.name: status for status in statuses}
        self.show_records(self._lines())

    def fault_at(self, row: int) -> FaultLine | None:
        """The fault in `row`; None for a group."""
        line = self.record(row)
        return line if isinstance(line, FaultLine) else None

    def row_of(self, name: str) -> int | None:
        """The row of the fault with this name, None when its group is closed."""
        for row, line in enumerate(self.records):
            if isinstance(line, FaultLine) and line.fault.name == name:
                return row
        return None

    def key(self, record: Line) -> object:
        return record.group if isinstance(record, GroupLine) else record.fault.name

    def row_style(self, record: Line) -> RowStyle:
        return RowStyle(expanded=record.expanded, bold=True) if isinstance(record, GroupLine) else _FAULT_ROW

    def set_expanded(self, row: int, expanded: bool) -> None:
        line = self.record(row)
        if isinstance(line, GroupLine):
            (self._closed.discard if expanded else self._closed.add)(line.group)
            self.show_records(self._lines())

    def parent_row(self, row: int) -> int | None:
        if not isinstance(self.record(row), FaultLine):
            return None
        return next(above for above in range(row, -1, -1) if isinstance(self.records[above], GroupLine))

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        for group in Group:
            faults = [
                FaultLine(fault, self._statuses.get(fault.name)) for fault in self._catalogue if fault.group is group
            ]
            if faults:
                expanded = group not in self._closed
                lines.append(GroupLine(group, sum(fault.armed for fault in faults), expanded))
                lines += faults if expanded else ()
        return lines

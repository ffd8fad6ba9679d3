"""Faults in the data: rows and operations that are not what the service stored."""

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from inspector.protocol.lines import OpType
from inspector.service.faults.fault import Fault, Group, Parameter
from inspector.service.faults.lab import Arming
from inspector.service.faults.lines import Change, LineContext, LineFault
from inspector.service.wire import DataLine, Line, OperationEntry

_TABLE = Parameter("table", "Table", "")
_ROW = Parameter("row", "Row id", "")

_CorruptOperation = Callable[[OperationEntry], tuple[OperationEntry, str] | None]


def _wanted(line: DataLine, arming: Arming) -> Iterator[tuple[int, OperationEntry]]:
    table, row = arming.text("table"), arming.text("row")
    for index, operation in enumerate(line.data):
        if table in ("", operation.object_type) and row in ("", operation.object_id):
            yield index, operation


def _corrupting(corrupt: _CorruptOperation) -> Callable[[Line, Arming | None, LineContext], Change | None]:
    """Alters the first operation of a data line for which that can be done."""

    def alter(line: Line, arming: Arming | None, _stream: LineContext) -> Change | None:
        if arming is None or not isinstance(line, DataLine):
            return None
        for index, operation in _wanted(line, arming):
            if (corrupted := corrupt(operation)) is not None:
                entry, what = corrupted
                changed = replace(line, data=[*line.data[:index], entry, *line.data[index + 1 :]])
                return Change((changed,), what)
        return None

    return alter


def _other_data(operation: OperationEntry) -> tuple[OperationEntry, str] | None:
    if operation.op != OpType.PUT or not isinstance(operation.data, str):
        return None
    row = msgspec.json.decode(operation.data)
    for column, value in row.items():
        if column != "id" and isinstance(value, str) and value:
            row[column] = f"{value} (altered on the way)"
        elif column != "id" and isinstance(value, int | float):
            row[column] = value + 1
        else:
            continue
        what = f"{_named(operation)} was sent with another “{column}”; its checksum was left as it was."
        return replace(operation, data=msgspec.json.encode(row).decode()), what
    return None


def _other_checksum(operation: OperationEntry) -> tuple[OperationEntry, str] | None:
    what = f"{_named(operation)} was sent with another checksum; its data were left as they were."
    return replace(operation, checksum=operation.checksum ^ 1), what


def _drop(line: Line, arming: Arming | None, _stream: LineContext) -> Change | None:
    if arming is None or not isinstance(line, DataLine):
        return None
    for index, operation in _wanted(line, arming):
        rest = [*line.data[:index], *line.data[index + 1 :]]
        what = f"{_named(operation)} was left out of a data line of bucket {line.bucket}."
        return Change((replace(line, data=rest),) if rest else (), what)
    return None


def _duplicate(line: Line, arming: Arming | None, _stream: LineContext) -> Change | None:
    if arming is None or not isinstance(line, DataLine):
        return None
    return Change((line, line), f"A data line of bucket {line.bucket} was sent twice.")


def _named(operation: OperationEntry) -> str:
    if isinstance(operation.object_id, str):
        return f"Operation {operation.op_id}, {operation.op} of {operation.object_type} {operation.object_id},"
    return f"Operation {operation.op_id}, a {operation.op},"


ROW_FAULTS = (
    LineFault(
        Fault(
            "altered-row",
            "Altered row data",
            "A row's data are changed on the way, its checksum is not.",
            "No client notices: checksums are added up, not computed again. The row stays wrong until it changes.",
            Group.DATA,
            parameters=(_TABLE, _ROW),
        ),
        _corrupting(_other_data),
    ),
    LineFault(
        Fault(
            "altered-checksum",
            "Altered operation checksum",
            "An operation is sent with another checksum.",
            "The bucket fails validation, is deleted and downloaded again.",
            Group.DATA,
            parameters=(_TABLE, _ROW),
        ),
        _corrupting(_other_checksum),
    ),
    LineFault(
        Fault(
            "dropped-operation",
            "Dropped operation",
            "An operation is left out of its data line.",
            "The bucket fails validation, is deleted and downloaded again.",
            Group.DATA,
            parameters=(_TABLE, _ROW),
        ),
        _drop,
    ),
    LineFault(
        Fault(
            "duplicated-data",
            "Duplicated data line",
            "A data line is sent twice.",
            "Its operations count twice, so the bucket fails validation and is downloaded again.",
            Group.DATA,
        ),
        _duplicate,
    ),
)

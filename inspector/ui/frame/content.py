"""A frame taken apart for the panels that show it: its tree, its line, its operations."""

from dataclasses import dataclass
from functools import cached_property

from inspector.capture.rows import Frame, FrameRow
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import DataLine, Line, MalformedLine, Operation, decode_line
from inspector.ui.frame.field_spans import Path, Step
from inspector.ui.frame.json_document import JsonObject, JsonValue, NotADocument, parse_body, pretty_lines
from inspector.ui.frame.operation_hash import HashCheck, check_hash


@dataclass(frozen=True, eq=False)
class ShownOperation:
    """An operation of a data line, with its part of the tree."""

    operation: Operation
    tree: JsonValue

    @cached_property
    def hash_check(self) -> HashCheck:
        """Whether its checksum is that of its content; computed when first asked for."""
        return check_hash(self.operation)


@dataclass(frozen=True, eq=False)
class FrameContent:
    """What a frame holds. `line` is None when it could not be read, `tree` when it is no document at all."""

    row: FrameRow
    body: bytes
    format: FrameFormat
    line: Line | None
    tree: JsonValue
    problem: str
    operations: list[ShownOperation]

    def path_of_operation(self, position: int) -> Path:
        """Where an operation stands in the tree."""
        data, outer = _member(self.tree, "data")
        _, inner = _member(data, "data")
        return (outer, inner, Step(position))

    @cached_property
    def pretty(self) -> list[str]:
        """The body as indented JSON; empty when it is no document."""
        return list(pretty_lines(self.tree)) if self.tree is not None else []


def read_frame(frame: Frame) -> FrameContent:
    """Take `frame` apart; what cannot be read is told in `problem`, and its bytes are there all the same."""
    problem = frame.row.error or ""
    tree: JsonValue = None
    line: Line | None = None
    try:
        tree = parse_body(frame.body, frame.format)
    except NotADocument as error:
        problem = problem or f"The frame is no {frame.format.upper()} document. {error}"
    try:
        line = decode_line(frame.body, frame.format)
    except MalformedLine as error:
        problem = problem or f"{error.what} {error.why}"
    return FrameContent(frame.row, frame.body, frame.format, line, tree, problem, _operations(line, tree))


def _member(tree: JsonValue, key: str) -> tuple[JsonValue, Step]:
    """The last member of this name, and the step to it."""
    members = tree.members if isinstance(tree, JsonObject) else ()
    found = [position for position, (name, _) in enumerate(members) if name == key]
    return (members[found[-1]][1], Step(found[-1], key)) if found else (None, Step(0, key))


def _operations(line: Line | None, tree: JsonValue) -> list[ShownOperation]:
    if not isinstance(line, DataLine):
        return []
    data = tree.get("data") if isinstance(tree, JsonObject) else None
    parts = data.get("data") if isinstance(data, JsonObject) else None
    if not isinstance(parts, list):
        return []
    return [ShownOperation(operation, part) for operation, part in zip(line.data, parts, strict=False)]

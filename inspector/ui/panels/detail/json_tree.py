"""A document as rows that open: nodes are made when they are first seen."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QObject

from inspector.protocol.lines import LINE_KINDS, Operation
from inspector.ui.frame.content import FrameContent
from inspector.ui.frame.field_spans import Path, Step
from inspector.ui.frame.field_things import things_at, written_at
from inspector.ui.frame.json_document import JsonNumber, JsonObject, JsonValue, NotADocument, parse_json, scalar_text
from inspector.ui.panels.detail.known_fields import KINDS, fields_of
from inspector.ui.theme import Colour
from inspector.ui.things import Things
from inspector.ui.widgets.columns import Cell, Column, Face, Note, RowStyle
from inspector.ui.widgets.row_model import RowModel
from inspector.words import plural

_OPEN_AT_FIRST = 60
"""How many rows a new document opens to by itself."""
_PREVIEW = 80

UNKNOWN_FIELD = Note("unknown field", Colour.HELD)


@dataclass(slots=True)
class Node:
    """One row: a member of an object or an item of a list. `struct` is what its members are known by."""

    key: str
    value: JsonValue
    depth: int
    struct: type[Struct] | None = None
    note: Note | None = None
    text: str | None = None
    """The exact text that `value` was parsed from, where that is a string of the line: row data."""
    expanded: bool = False
    children: list["Node"] | None = field(default=None, repr=False)

    @property
    def opens(self) -> bool:
        """Whether there is anything below it."""
        return self.size > 0

    @property
    def size(self) -> int:
        """How many members or items it has."""
        if isinstance(self.value, JsonObject):
            return len(self.value.members)
        return len(self.value) if isinstance(self.value, list) else 0


def _children(node: Node) -> list[Node]:
    if node.children is None:
        node.children = list(_members(node))
    return node.children


def _members(node: Node) -> list[Node]:
    depth = node.depth + 1
    if isinstance(node.value, list):
        return [Node(f"[{i}]", value, depth, node.struct) for i, value in enumerate(node.value)]
    if not isinstance(node.value, JsonObject):
        return []
    return [_member(node.struct, key, value, depth) for key, value in node.value.members]


def _member(struct: type[Struct] | None, key: str, value: JsonValue, depth: int) -> Node:
    known = fields_of(struct) if struct is not None else None
    note = UNKNOWN_FIELD if known is not None and key not in known else None
    node = Node(key, value, depth, (known or {}).get(key), note)
    if struct is Operation and key == "data" and isinstance(value, str):
        _parse_row(node, value)
    return node


def _parse_row(node: Node, text: str) -> None:
    try:
        node.value, node.text = parse_json(text), text
    except NotADocument as error:
        node.note = Note(f"not JSON: {error}", Colour.BROKEN)


def _value(node: Node) -> Cell:
    if node.opens:
        whole = node.text or ""
        return Cell(_preview(node.value), Colour.DIM, note=node.note, whole=whole)
    text = scalar_text(node.value)
    return Cell(text, note=node.note, whole=text if len(text) > _PREVIEW else "")


def _preview(value: JsonValue) -> str:
    """The first scalars of a value that opens, so that it need not be opened to be told from others."""
    if isinstance(value, list):
        return plural(len(value), "item")
    assert isinstance(value, JsonObject)
    if len(value.members) == 1 and not _is_scalar(value.members[0][1]):
        return ""
    parts: list[str] = []
    for key, member in value.members:
        if _is_scalar(member) and member is not None:
            parts.append(f"{key} {scalar_text(member)}")
        if sum(map(len, parts)) > _PREVIEW:
            break
    return ", ".join(parts)


def _is_scalar(value: JsonValue) -> bool:
    return value is None or isinstance(value, str | bool | JsonNumber)


COLUMNS: tuple[Column[Node], ...] = (
    Column("Field", cell=lambda node: Cell(node.key, Colour.DIM), face=Face.MONO, width=8, widest=32, least=16),
    Column("Value", cell=_value, face=Face.MONO, width=9, stretch=True),
)


class JsonTreeModel(RowModel[Node]):
    """The rows that are open; a list of any length costs nothing until it is opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._rows: list[Node] = []
        self._roots: list[Node] = []
        self._base: Path = ()
        self._facts: JsonObject | None = None
        """What is shown, where it is no line of the stream."""
        self.content: FrameContent | None = None
        """The frame that is shown."""

    def things(self, record: Node) -> Things:
        row = next((i for i, shown in enumerate(self._rows) if shown is record), None)
        if row is not None and self._facts is not None:
            return written_at(self._facts, self.path(row))
        return Things() if row is None or self.content is None else things_at(self.content, self.path(row))

    def show_line(self, tree: JsonValue) -> None:
        """Show a whole line; keys that no line has are marked."""
        self._base, self._facts = (), None
        roots: list[Node] = []
        if isinstance(tree, JsonObject):
            roots = [Node(key, value, 0, KINDS.get(key), _kind_note(key)) for key, value in tree.members]
        elif tree is not None:
            roots = [Node("", tree, 0)]
        self._show(roots)

    def show_operation(self, tree: JsonValue, hash_note: Note | None, path: Path) -> None:
        """Show an operation of a data line, with the verdict on its checksum; `path` is its place in the line."""
        self._base, self._facts = path, None
        members = tree.members if isinstance(tree, JsonObject) else ()
        roots = [_member(Operation, key, value, 0) for key, value in members]
        for root in roots:
            if root.key == "checksum" and root.note is None:
                root.note = hash_note
        self._show(roots)

    def note_columns(self, notes: Mapping[str, Note]) -> None:
        """Say this of columns of the operation's row data, and nothing of the others."""
        data = next((root for root in self._roots if root.key == "data" and isinstance(root.value, JsonObject)), None)
        if data is None:
            return
        changed = False
        for node in _children(data):
            note = notes.get(node.key)
            changed |= note != node.note
            node.note = note
        if changed and self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))

    def show_facts(self, tree: JsonObject) -> None:
        """Show what is no line of the stream."""
        self._base, self._facts = (), tree
        self._show([Node(key, value, 0) for key, value in tree.members])

    def clear(self) -> None:
        """Show nothing."""
        self._show([])

    def node(self, row: int) -> Node | None:
        """The node in `row`."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def path(self, row: int) -> Path:
        """The place in the line of what stands in `row`."""
        steps: list[Step] = []
        at: int | None = row
        while at is not None:
            node, above = self._rows[at], self.parent_row(at)
            siblings = self._roots if above is None else _children(self._rows[above])
            position = next(i for i, sibling in enumerate(siblings) if sibling is node)
            in_list = above is not None and isinstance(self._rows[above].value, list)
            steps.append(Step(position, None if in_list else node.key))
            at = above
        return (*self._base, *reversed(steps))

    def open_path(self, path: Path) -> int | None:
        """Open what leads to the node at this place, counted from the roots; its row, or that of the last known one."""
        row: int | None = None
        siblings = self._roots
        for step in path:
            node = _sibling(siblings, step)
            if node is None:
                break
            if row is not None:
                self.set_expanded(row, True)
            row = next(i for i, shown in enumerate(self._rows) if shown is node)
            siblings = _children(node)
        return row

    def row_count(self) -> int:
        return len(self._rows)

    def record(self, row: int) -> Node | None:
        return self.node(row)

    def row_style(self, record: Node) -> RowStyle:
        return RowStyle(record.depth, record.expanded if record.opens else None, gutter=True)

    def set_expanded(self, row: int, expanded: bool) -> None:
        node = self.node(row)
        if node is None or not node.opens or node.expanded == expanded:
            return
        if expanded:
            node.expanded = True
            below = self._open_rows(_children(node))
            self.beginInsertRows(QModelIndex(), row + 1, row + len(below))
            self._rows[row + 1 : row + 1] = below
            self.endInsertRows()
        else:
            below = self._open_rows(_children(node))
            self.beginRemoveRows(QModelIndex(), row + 1, row + len(below))
            node.expanded = False
            del self._rows[row + 1 : row + 1 + len(below)]
            self.endRemoveRows()
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def parent_row(self, row: int) -> int | None:
        depth = self._rows[row].depth
        return next((above for above in range(row - 1, -1, -1) if self._rows[above].depth < depth), None)

    def _show(self, roots: list[Node]) -> None:
        self.beginResetModel()
        _open_at_first(roots)
        self._roots = roots
        self._rows = self._open_rows(roots)
        self.endResetModel()

    def _open_rows(self, nodes: list[Node]) -> list[Node]:
        rows: list[Node] = []
        waiting = nodes[::-1]
        while waiting:
            node = waiting.pop()
            rows.append(node)
            if node.expanded:
                waiting += _children(node)[::-1]
        return rows


def _sibling(nodes: list[Node], step: Step) -> Node | None:
    """The node at a step; BSON has keys in an order of its own where some are doubled."""
    at = nodes[step.position] if step.position < len(nodes) else None
    if at is not None and step.key in (None, at.key):
        return at
    return next((node for node in reversed(nodes) if node.key == step.key), None)


def _kind_note(key: str) -> Note | None:
    return None if key in LINE_KINDS.values() else Note("unknown kind", Colour.HELD)


def _open_at_first(roots: list[Node]) -> None:
    """Open nodes from the top down while the rows stay few."""
    rows, waiting = len(roots), deque(roots)
    while waiting:
        node = waiting.popleft()
        if not node.opens:
            continue
        if rows + node.size > _OPEN_AT_FIRST:
            continue
        node.expanded = True
        rows += node.size
        waiting += _children(node)

"""Tree to SQL: a condition over `frames` with its values apart, so that nothing from a filter is ever SQL."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from inspector.capture.filter.errors import FilterError
from inspector.capture.filter.fields import ANNOTATED, FIELDS, PROPERTIES, Field, FieldType
from inspector.capture.filter.parser import parse_filter
from inspector.capture.filter.syntax import (
    Between,
    Both,
    Comparison,
    Either,
    Flag,
    Match,
    Negation,
    Node,
    OneOf,
    Since,
    Text,
    Word,
)
from inspector.capture.filter.values import number_of, row_of, time_of

_FORMAT = "(SELECT c.format FROM connections AS c WHERE c.id = frames.connection)"
_NUMBERS = {FieldType.NUMBER, FieldType.SECONDS, FieldType.BYTES, FieldType.TIME}
_SINCE_CHECKPOINT = "since_checkpoint(?)"
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A condition over `frames`, true or false for each frame, never NULL."""

    text: str
    sql: str
    values: tuple[Any, ...]
    reads_bodies: bool = False
    """Each body that is left after the cheaper conditions is decompressed."""
    decided_later: bool = False
    """A frame may come to match, or cease to, after it was received."""
    annotated: bool = False
    """It depends on marks or comments."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the condition."""

    sql: str
    values: tuple[Any, ...] = ()
    reads_bodies: bool = False


def compile_filter(text: str, *, first_at: int | None = None) -> CompiledFilter:
    """The condition that `text` states; raises FilterError with the column.

    `first_at` is when the capture's first frame came (ns): times of day are counted from there.
    """
    compiler = _Compiler(first_at)
    part = compiler.part(parse_filter(text))
    return CompiledFilter(
        text, part.sql, part.values, part.reads_bodies, compiler.decided_later, bool(compiler.used & ANNOTATED)
    )


class _Compiler:
    def __init__(self, first_at: int | None) -> None:
        self._first_at = first_at
        self.decided_later = False
        self.used: set[str] = set()

    def part(self, node: Node) -> _Part:
        match node:
            case Either(parts):
                return self._joined(" OR ", parts)
            case Both(parts):
                return self._joined(" AND ", parts)
            case Negation(inner):
                found = self.part(inner)
                return _Part(f"NOT {found.sql}", found.values, found.reads_bodies)
            case Comparison(name, operator, value):
                return self._comparison(self._field(name), operator, value)
            case Match():
                return self._match(node)
            case Between(name, low, high):
                return self._between(self._field(name), name, low, high)
            case OneOf(name, values):
                field = self._field(name)
                return _joined(" OR ", [self._comparison(field, "==", value) for value in values])
            case Flag(name):
                return self._flag(name)
            case Text(word):
                return _Part("has_text(frames.body, ?)", (word.text,), True)
            case Since():
                return self._since(node)

    def _joined(self, word: str, nodes: tuple[Node, ...]) -> _Part:
        return _joined(word, [self.part(node) for node in nodes])

    def _field(self, name: Word) -> Field:
        field = None if name.quoted else FIELDS.get(name.text.lower())
        if field is None and not name.quoted and name.text.lower() in PROPERTIES:
            raise _property(name)
        if field is None:
            raise _unknown(name, FIELDS)
        self._use(field.name, field.decided_later)
        return field

    def _use(self, name: str, decided_later: bool) -> None:
        self.used.add(name)
        self.decided_later |= decided_later

    def _comparison(self, field: Field, operator: str, value: Word) -> _Part:
        if operator == "!=":
            equal = self._comparison(field, "==", value)
            return _Part(f"NOT {equal.sql}", equal.values, equal.reads_bodies)
        if field.type is FieldType.OPERATIONS:
            return self._operations(operator, number_of(field, value, self._first_at))
        if field.type in _NUMBERS:
            number = number_of(field, value, self._first_at)
            return _Part(f"ifnull({field.sql} {operator} ?, 0)", (number,))
        if operator != "==":
            raise FilterError(
                f"“{operator}” does not fit {field.name}.",
                why="It compares numbers and times.",
                next_step="Use ==, != or ~.",
                column=value.column,
                length=value.length,
            )
        if field.type is FieldType.ROW:
            table, row_id = row_of(field, value)
            is_there = _types_have(table)
            return _Part(
                f"({is_there.sql} AND has_row(frames.body, {_FORMAT}, ?, ?))", (*is_there.values, table, row_id), True
            )
        if field.type is FieldType.TYPES:
            return _types_have(value.text)
        if field.values and not value.quoted and value.text not in field.values:
            raise _no_value(field, value)
        if field.name == "bucket":
            return _Part("(frames.bucket IS ? OR bucket_short(frames.bucket) IS ?)", (value.text, value.text))
        return _Part(f"({field.sql} IS ?)", (value.text,))

    def _operations(self, operator: str, op_id: int) -> _Part:
        """A data line's operations go from `first_op_id` to `last_op_id`."""
        if operator == "==":
            return _Part("ifnull(? BETWEEN frames.first_op_id AND frames.last_op_id, 0)", (op_id,))
        column = "frames.last_op_id" if operator in (">", ">=") else "frames.first_op_id"
        return _Part(f"ifnull({column} {operator} ?, 0)", (op_id,))

    def _between(self, field: Field, name: Word, low: Word | None, high: Word | None) -> _Part:
        if field.type not in _NUMBERS and field.type is not FieldType.OPERATIONS:
            raise FilterError(
                f"{field.name} has no span.",
                why=f"It is {field.type.value}.",
                next_step="Use ==, ~ or in (…).",
                column=name.column,
                length=name.length,
            )
        ends = [("<=", high), (">=", low)]
        return _joined(" AND ", [self._comparison(field, sign, end) for sign, end in ends if end is not None])

    def _match(self, node: Match) -> _Part:
        field, value = self._field(node.field), node.value
        if field.type in _NUMBERS or field.type is FieldType.OPERATIONS:
            raise FilterError(
                f"“~” does not fit {field.name}.",
                why=f"It looks into texts, and {field.name} is {field.type.value}.",
                next_step="Use == or in.",
                column=node.field.column,
                length=node.field.length,
            )
        if node.regex:
            _check_pattern(value)
        wanted = value.text if node.regex else value.text.lower()
        if field.type is FieldType.ROW:
            function = "row_matches" if node.regex else "row_contains"
            part = _Part(f"(frames.row_types != '' AND {function}(frames.body, {_FORMAT}, ?))", (wanted,), True)
        else:
            part = _Part(f"{'matches' if node.regex else 'contains'}({field.sql}, ?)", (wanted,))
        return _Part(f"NOT {part.sql}", part.values, part.reads_bodies) if node.negated else part

    def _flag(self, name: Word) -> _Part:
        word = name.text.lower()
        if (known := PROPERTIES.get(word)) is not None:
            self._use(known.name, known.decided_later)
            return _Part(known.sql)
        if word not in FIELDS:
            raise _unknown(name, {**FIELDS, **PROPERTIES})
        field = self._field(name)
        if field.type is FieldType.ROW:
            return _Part("(frames.row_types != '')")
        return _Part(f"({field.sql} IS NOT NULL)")

    def _since(self, node: Since) -> _Part:
        sign = "<" if node.before else ">="
        if not node.checkpoint:
            return _Part(f"(frames.received_at {sign} ?)", (time_of(node.value, self._first_at),))
        op_id = number_of(FIELDS["checkpoint"], node.value, None)
        return _Part(f"(frames.id {sign} ifnull({_SINCE_CHECKPOINT}, {_NEVER}))", (op_id,))


def _joined(word: str, parts: list[_Part]) -> _Part:
    """`parts` in parentheses, those that read bodies last: SQLite goes from left to right and stops when it knows."""
    ordered = sorted(parts, key=lambda part: part.reads_bodies)
    values = tuple(value for part in ordered for value in part.values)
    return _Part(f"({word.join(part.sql for part in ordered)})", values, any(part.reads_bodies for part in parts))


def _types_have(table: str) -> _Part:
    return _Part("(instr(', ' || frames.row_types || ', ', ?) > 0)", (f", {table}, ",))


def _check_pattern(value: Word) -> None:
    try:
        re.compile(value.text)
    except (re.error, RecursionError) as error:
        raise FilterError(
            "The pattern cannot be used.",
            why=f"{str(error).capitalize()}.",
            next_step="Correct it, or put the text in quotes.",
            column=value.column,
            length=value.length,
        ) from error


def _property(name: Word) -> FilterError:
    word = name.text.lower()
    return FilterError(
        f"“{name.text}” is compared with nothing: a frame has it or has it not.",
        next_step=f"Write {word} alone, or not {word}.",
        column=name.column,
        length=name.length,
    )


def _no_value(field: Field, value: Word) -> FilterError:
    """Bare, it is likely mistyped; in quotes it may be the name of a line that is not known here."""
    near = get_close_matches(value.text.lower(), field.values, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return FilterError(
        f"{field.name} has no value {value.text}.{meant}",
        why=f"Its values are {', '.join(field.values[:-1])} and {field.values[-1]}.",
        next_step="In quotes any text is a value.",
        column=value.column,
        length=value.length,
    )


def _unknown(name: Word, known: dict[str, Any]) -> FilterError:
    near = get_close_matches(name.text.lower(), known, 1)
    searched = f'write "{name.text}" to look for the text in the bodies.'
    return FilterError(
        f"“{name.text}” is no field.",
        why=f"At column {name.column} a field is expected.",
        next_step=f"Write {near[0]}, or {searched}" if near else searched[0].upper() + searched[1:],
        column=name.column,
        length=name.length,
    )

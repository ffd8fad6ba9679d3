"""The YAML of a sync config: streams and their queries, each with its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from inspector.protocol.lines import DEFAULT_PRIORITY
from inspector.service.config.errors import Place, SyncConfigError

EDITION = 3
_PRIORITIES = range(4)
_TRUE = ("true", "True", "TRUE")
_STREAM_KEYS = ("query", "queries", "auto_subscribe", "priority", "accept_potentially_dangerous_queries")
_ELSEWHERE = {
    "bucket_definitions": "Sync rules are older than sync streams, and are not in the subset.",
    "with": "Common table expressions are not in the subset.",
    "event_definitions": "Events are not in the subset.",
}


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query as it stands in the file. `source` is the file's text from `line` on."""

    sql: str
    file: str
    line: int
    source: str

    def place(self, offset: int) -> Place:
        """Where the character at `offset` of `sql` is. YAML folds blanks, so it is found by counting all others."""
        wanted = sum(not character.isspace() for character in self.sql[:offset])
        line = self.line
        for character in self.source:
            if character == "\n":
                line += 1
            elif not character.isspace():
                if wanted == 0:
                    break
                wanted -= 1
        return Place(self.file, line)


@dataclass(frozen=True, slots=True)
class StreamText:
    """A stream's settings."""

    name: str
    place: Place
    queries: tuple[QueryText, ...]
    auto_subscribe: bool
    priority: int


def read_streams(path: Path) -> tuple[StreamText, ...]:
    """The streams in the file, in its order; raises SyncConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SyncConfigError(f"The sync config {path} cannot be read: {reason}.") from error
    return _Document(path.name, text).streams()


class _Document:
    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text

    def streams(self) -> tuple[StreamText, ...]:
        root = self._root()
        found: list[StreamText] = []
        edition: yaml.Node | None = None
        for key, node in self._entries(root, "The file"):
            if key.value == "config":
                edition = self._edition(node)
            elif key.value == "streams":
                found += (self._stream(name, stream) for name, stream in self._entries(node, "“streams”"))
            else:
                self._refuse_key(key, "config and streams")
        if edition is None:
            raise Place(self._file, 1).error(
                "The edition is not given.", next_step="Begin the file with “config:” and, below it, “edition: 3”."
            )
        if not found:
            raise Place(self._file, 1).error("There are no streams.", next_step="Describe them below “streams:”.")
        return tuple(found)

    def _root(self) -> yaml.Node:
        try:
            root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise Place(self._file, line).error(f"This is no YAML: {error.problem or error.context}.") from error
        except yaml.YAMLError as error:
            raise Place(self._file, 1).error("This is no YAML.", why=str(error)) from error
        if root is None:
            raise Place(self._file, 1).error("The file is empty.")
        return root

    def _edition(self, node: yaml.Node) -> yaml.Node:
        edition: yaml.Node | None = None
        for key, value in self._entries(node, "“config”"):
            if key.value != "edition":
                self._refuse_key(key, "edition")
            edition = value
        if not isinstance(edition, yaml.ScalarNode) or edition.value != str(EDITION):
            raise self._place(edition or node).error(
                f"This edition is not understood; {EDITION} is.", next_step=f"Write “edition: {EDITION}”."
            )
        return edition

    def _stream(self, name: yaml.ScalarNode, node: yaml.Node) -> StreamText:
        queries: list[QueryText] = []
        auto_subscribe, priority = False, DEFAULT_PRIORITY
        for key, value in self._entries(node, f"The stream “{name.value}”"):
            match key.value:
                case "query" | "queries":
                    queries += self._queries(value)
                case "auto_subscribe":
                    auto_subscribe = self._flag(value)
                case "priority":
                    priority = self._priority(value)
                case "accept_potentially_dangerous_queries":
                    self._flag(value)
                case _:
                    self._refuse_key(key, ", ".join(_STREAM_KEYS))
        if not queries:
            raise self._place(name).error(
                f"The stream “{name.value}” has no query.", next_step="Give it one with “query:”."
            )
        return StreamText(name.value, self._place(name), tuple(queries), auto_subscribe, priority)

    def _queries(self, node: yaml.Node) -> Iterator[QueryText]:
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for item in items:
            if not isinstance(item, yaml.ScalarNode) or not item.value.strip():
                raise self._place(item).error("A query is SQL text.")
            yield self._query(item)

    def _query(self, node: yaml.ScalarNode) -> QueryText:
        start, line = node.start_mark.index, node.start_mark.line + 1
        if node.style in ("|", ">"):
            # The text begins in the line below its mark.
            start = self._text.index("\n", start) + 1
            line += 1
        elif node.style in ("'", '"'):
            start += 1
        return QueryText(node.value, self._file, line, self._text[start : node.end_mark.index])

    def _flag(self, node: yaml.Node) -> bool:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:bool":
            return node.value in _TRUE
        raise self._place(node).error("This is true or false.")

    def _priority(self, node: yaml.Node) -> int:
        for number in _PRIORITIES:
            if isinstance(node, yaml.ScalarNode) and node.value == str(number):
                return number
        raise self._place(node).error("A priority is a number from 0, the highest, to 3.")

    def _entries(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._place(node).error(f"{what} is a list of names with values (name: value).")
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.value:
                raise self._place(key).error("A name is text.")
            if key.value in seen:
                raise self._place(key).error(f"“{key.value}” is given twice, first in line {seen[key.value]}.")
            seen[key.value] = self._place(key).line
            yield key, value

    def _refuse_key(self, key: yaml.ScalarNode, known: str) -> None:
        raise self._place(key).error(
            f"“{key.value}” is not understood here.",
            why=_ELSEWHERE.get(key.value, ""),
            next_step=f"What is: {known}.",
        )

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._file, node.start_mark.line + 1)

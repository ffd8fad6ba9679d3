"""Which rows go into which buckets, and which buckets a request leads to.

A model of sync streams: plain data and a function on each side. A bucket source says where a row belongs, a stream
query says what a user gets; both speak of parameter tuples, and equal tuples are the same bucket. `config` makes them
from a file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from inspector.protocol.errors import InspectorError
from inspector.protocol.lines import DEFAULT_PRIORITY

SqlValue: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = Mapping[str, SqlValue]
"""A source row, column by column in the table's order."""
Parameters: TypeAlias = tuple[SqlValue, ...]
Bindings: TypeAlias = Parameters | Mapping[str, SqlValue]


class StreamFailure(InspectorError):
    """A stream cannot tell its buckets; the text goes into the checkpoint's `streams[].errors`."""


@dataclass(frozen=True, slots=True)
class BucketRow:
    """A source row as a bucket holds it. `columns` is what travels, `id` included."""

    parameters: Parameters
    object_id: str
    columns: Row


@dataclass(frozen=True, slots=True)
class BucketSource:
    """A family of buckets over one table. Streams that share a source share its buckets.

    `name` is the stream that defined it and the variant, as bucket names have them: `my_todos|0`. `key` is the table's
    primary key, `object_type` what clients call the table.
    """

    name: str
    table: str
    object_type: str
    key: tuple[str, ...]
    place: Callable[[Row], BucketRow | None]
    """Where a row goes and what of it; None for one that is in none of the buckets. A function of the row alone."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, and with which parameters."""

    user_id: str
    token_parameters: Mapping[str, Any]
    connection_parameters: Mapping[str, Any]
    subscription_parameters: Mapping[str, Any]
    query: Callable[[str, Bindings], Sequence[Parameters]]
    """Rows of an SQL query over the source tables that the stream query `looks_up`."""


@dataclass(frozen=True, slots=True)
class StreamQuery:
    """A part of a stream: who gets which buckets of a source. `looks_up` names tables that it reads to find out."""

    source: BucketSource
    buckets_for: Callable[[Requester], Iterable[Parameters]]
    """Raises StreamFailure."""
    looks_up: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stream:
    """What a client subscribes to; `auto_subscribe` gives it to everybody who asks for the defaults."""

    name: str
    queries: tuple[StreamQuery, ...]
    auto_subscribe: bool = False
    priority: int = DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """All streams, in the order in which checkpoints name them. `version` begins every bucket's name."""

    streams: tuple[Stream, ...]
    version: int = 1
    looked_up: frozenset[tuple[str, str]] = frozenset()
    """Table and column of each comparison in a subquery: worth an index."""
    _sources: dict[str, tuple[BucketSource, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_table: dict[str, dict[str, BucketSource]] = {}
        for stream in self.streams:
            for query in stream.queries:
                by_table.setdefault(query.source.table, {})[query.source.name] = query.source
        object.__setattr__(self, "_sources", {table: tuple(named.values()) for table, named in by_table.items()})

    @property
    def tables(self) -> frozenset[str]:
        """The tables that streams send or look up."""
        looked_up = (query.looks_up for stream in self.streams for query in stream.queries)
        return frozenset(self._sources).union(*looked_up)

    def sources_of(self, table: str) -> tuple[BucketSource, ...]:
        """The sources that take rows of `table`."""
        return self._sources.get(table, ())

    def bucket_name(self, source: BucketSource, parameters: Parameters) -> str:
        """The name as the wire has it: `1#my_todos|0["list-1"]`."""
        return f"{self.version}#{source.name}{msgspec.json.encode(parameters).decode()}"

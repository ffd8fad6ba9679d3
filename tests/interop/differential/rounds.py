"""What a service may send between two states that it holds for whole: a checkpoint, its data, and its completion.

Buckets, types and ids are few, so that rounds meet; checksums are right unless a round says otherwise.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.interop.differential.odd_values import (
    EXTRA_FIELDS,
    ODD_BUCKETS,
    ODD_IDS,
    ODD_ROWS,
    ODD_SUBKEYS,
    ODD_TYPES,
    PASSED_OVER,
)
from tests.interop.differential.pair import Pair

BUCKETS = ("a", "b", '1#c["x"]')
TYPES = ("lists", "todos", "other", "notes", "photos")
IDS = ("1", "2", "é")
STREAMS = ("s1", "s2", "s3")
_LIMIT = 2**32
_LARGEST_ID = 2**63 - 1
_FULL = None

_VALUES = st.sampled_from(
    (None, "", "text", 'ünï\n"\\', 0, 1, -1, 2**53 + 1, 2**63 - 1, 1.5, -0.0, 1.0, 1e17, 0.1, "1", "1.0", "0x1", "😀")
)
_ROWS = st.fixed_dictionaries({}, optional={"name": _VALUES, "n": _VALUES, "x": _VALUES, "id": st.sampled_from(IDS)})
_CHECKSUMS = st.sampled_from((0, 1, 5, 2**31 - 1, 2**31, 2**32 - 1, 3_000_000_000))


def _mostly(usual: Sequence[Any], odd: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Values that meet again and again, and now and then another one."""
    return st.integers(0, 9).flatmap(lambda die: st.sampled_from(odd if die == 0 else usual))


_WITH_ROW = st.fixed_dictionaries(
    {
        "object_type": _mostly(TYPES, ODD_TYPES),
        "object_id": _mostly(IDS, ODD_IDS),
        "subkey": _mostly((None, "k", "k"), ODD_SUBKEYS),
        "checksum": _CHECKSUMS,
    }
)
_DATA = st.one_of(_ROWS.map(json.dumps), _ROWS.map(json.dumps), st.sampled_from((*ODD_ROWS, None)))
_PUTS = st.builds(lambda row, data: {"op": "PUT", **row, "data": data}, _WITH_ROW, _DATA)
_REMOVES = st.builds(lambda row, data: {"op": "REMOVE", **row, "data": data}, _WITH_ROW, st.sampled_from((None, "{}")))
_NAMELESS = st.sampled_from(({"object_type": "lists"}, {"object_id": "1"}, {"subkey": "k"}, {"object_id": None}))
_NAMELESS_REMOVES = st.builds(lambda row, sum_: {"op": "REMOVE", **row, "checksum": sum_}, _NAMELESS, _CHECKSUMS)
_MOVES = st.builds(
    lambda row, checksum: {"op": "MOVE", **row, "checksum": checksum}, st.one_of(_WITH_ROW, st.just({})), _CHECKSUMS
)
_CLEARS = st.sampled_from((0, 7, -5, -(2**31))).map(lambda checksum: {"op": "CLEAR", "checksum": checksum})
_OPERATIONS = st.tuples(
    st.sampled_from((*(1,) * 12, 2, 2, 0, -1, 2**61, -(2**61))),
    st.one_of(_PUTS, _PUTS, _PUTS, _PUTS, _REMOVES, _REMOVES, _NAMELESS_REMOVES, _MOVES, _CLEARS),
)
_DATA_LINES = st.tuples(_mostly(BUCKETS, ODD_BUCKETS), st.lists(_OPERATIONS, max_size=6))
_ERRORS = st.sampled_from(([], [{"subscription": "default", "message": "no"}], [{"subscription": 0, "message": "no"}]))
_REASONS = st.sampled_from((None, [], [{"default": 0}], [{"sub": 0}], [{"default": 1}, {"sub": 1}], [{"sub": 99}]))


@dataclass(frozen=True)
class Described:
    """A bucket in a checkpoint."""

    priority: int | None
    more_operations: int | None
    """Beyond those that there are; None leaves the count out."""
    reasons: list[dict[str, int]] | None
    is_wrong: bool
    is_signed: bool
    extra: dict[str, Any]

    def entry(self, name: str, checksum: int, count: int) -> dict[str, Any]:
        wrong = (checksum + self.is_wrong) % _LIMIT
        entry: dict[str, Any] = {
            "bucket": name,
            "checksum": wrong - _LIMIT if self.is_signed and wrong >= _LIMIT // 2 else wrong,
        }
        if self.more_operations is not None:
            entry["count"] = max(0, count + self.more_operations)
        optional = {"priority": self.priority, "subscriptions": self.reasons}
        return self.extra | entry | {field: value for field, value in optional.items() if value is not None}


@dataclass(frozen=True)
class Round:
    """A checkpoint or a diff, then data lines, with completions after some of them: (place, priority)."""

    buckets: list[tuple[str, Described]]
    """A bucket may come twice: then the last one counts."""
    removed: list[str] | None
    """None: the checkpoint is no diff."""
    data: list[tuple[str, list[tuple[int, dict[str, Any]]]]]
    completions: list[tuple[int, int | None]]
    beyond: int
    """How far the checkpoint is beyond its last operation."""
    write_checkpoint: str | None
    streams: list[dict[str, Any]]
    has_more: bool
    extra: dict[str, Any]
    passed_over: dict[str, Any] | None
    """A line of an unknown kind, in the middle."""
    binary: bool

    def play(self, pair: Pair) -> None:
        """Send it, up to where the client ends the stream."""
        pair.start()
        sums, counts = self._kept(pair)
        lines = [self._data_line(pair, bucket, operations, sums, counts) for bucket, operations in self.data]
        last_op = str(min(max(0, pair.last_op + self.beyond), _LARGEST_ID))
        described = [bucket.entry(name, sums.get(name, 0), counts.get(name, 0)) for name, bucket in self.buckets]
        pair.line(self._checkpoint(last_op, described), binary=self.binary)
        if self.passed_over is not None:
            lines.insert(len(lines) // 2, self.passed_over)
        for place, line in enumerate([*lines, None]):
            priorities = [priority for at, priority in self.completions if at == place or (line is None and at > place)]
            for message in [*(_completion(last_op, priority) for priority in priorities), line]:
                if message is not None and pair.is_open:
                    pair.line(message, binary=self.binary)

    def _kept(self, pair: Pair) -> tuple[dict[str, int], dict[str, int]]:
        """Checksums and counts of the buckets that the checkpoint leaves to the client."""
        found = pair.look("SELECT name, add_checksum + op_checksum, count_at_last + count_since_last FROM ps_buckets")
        gone = (
            self.removed if self.removed is not None else [name for name, *_ in found if name not in dict(self.buckets)]
        )
        kept = [(name, checksum % _LIMIT, count) for name, checksum, count in found if name not in gone]
        return {name: checksum for name, checksum, _ in kept}, {name: count for name, _, count in kept}

    def _data_line(
        self,
        pair: Pair,
        bucket: str,
        operations: list[tuple[int, dict[str, Any]]],
        sums: dict[str, int],
        counts: dict[str, int],
    ) -> dict[str, Any]:
        sent: list[dict[str, Any]] = []
        after = pair.last_op
        for step, operation in operations:
            pair.last_op = min(max(1, pair.last_op + step), _LARGEST_ID)
            sent.append({"op_id": str(pair.last_op), **operation, **self.extra})
            before = 0 if operation["op"] == "CLEAR" else sums.get(bucket, 0)
            sums[bucket] = (before + operation["checksum"]) % _LIMIT
            counts[bucket] = counts.get(bucket, 0) + 1
        fields = {**self.extra, "has_more": self.has_more, "after": str(after), "next_after": str(pair.last_op)}
        return {"data": {"bucket": bucket, **fields, "data": sent}}

    def _checkpoint(self, last_op: str, buckets: list[dict[str, Any]]) -> dict[str, Any]:
        head = {"last_op_id": last_op, "write_checkpoint": self.write_checkpoint, **self.extra}
        if self.removed is None:
            return {"checkpoint": {**head, "buckets": buckets, "streams": self.streams}}
        return {"checkpoint_diff": {**head, "updated_buckets": buckets, "removed_buckets": self.removed}}


def _completion(last_op: str, priority: int | None) -> dict[str, Any]:
    if priority is _FULL:
        return {"checkpoint_complete": {"last_op_id": last_op}}
    return {"partial_checkpoint_complete": {"last_op_id": last_op, "priority": priority}}


_DESCRIBED = st.builds(
    Described,
    priority=_mostly((None, 0, 1, 2, 3, 4), (100, 2**31 - 2)),
    more_operations=st.sampled_from((0, 0, 0, None, 3, -3)),
    reasons=_REASONS,
    is_wrong=st.sampled_from((False,) * 9 + (True,)),
    is_signed=st.booleans(),
    extra=st.sampled_from(EXTRA_FIELDS),
)
rounds = st.builds(
    Round,
    buckets=st.lists(st.tuples(_mostly(BUCKETS, ODD_BUCKETS), _DESCRIBED), max_size=len(BUCKETS) + 1),
    removed=st.one_of(st.none(), st.lists(_mostly(BUCKETS, ("unknown", *ODD_BUCKETS)), max_size=2)),
    data=st.lists(_DATA_LINES, max_size=4),
    completions=st.lists(
        st.tuples(st.integers(0, 4), _mostly((0, 1, 2, 3, _FULL, _FULL, _FULL), (4, 100, 2**31 - 2))), max_size=4
    ),
    beyond=st.sampled_from((0, 0, 0, 1, -1, 2**60, 2**63)),
    write_checkpoint=st.sampled_from((None, None, "1", "5", "9", "9223372036854775807")),
    streams=st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(STREAMS), "is_default": st.booleans(), "errors": _ERRORS}),
        max_size=3,
    ),
    has_more=st.booleans(),
    extra=st.sampled_from(EXTRA_FIELDS),
    passed_over=st.sampled_from((None, None, None, *PASSED_OVER)),
    binary=st.booleans(),
)

"""What a service may send between two states that it holds for whole: a checkpoint, its data, and its completion.

Buckets, types and ids are few, so that rounds meet; checksums are right unless a round says otherwise.
"""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.interop.differential.pair import Pair

BUCKETS = ("a", "b", '1#c["x"]')
TYPES = ("lists", "todos", "other", "notes", "photos")
IDS = ("1", "2", "é")
STREAMS = ("s1", "s2", "s3")
_LIMIT = 2**32
_FULL = None

_VALUES = st.sampled_from(
    (None, "", "text", 'ünï\n"\\', 0, 1, -1, 2**53 + 1, 2**63 - 1, 1.5, -0.0, 1.0, 1e17, 0.1, "1", "1.0", "0x1", "😀")
)
_ROWS = st.fixed_dictionaries({}, optional={"name": _VALUES, "n": _VALUES, "x": _VALUES, "id": st.sampled_from(IDS)})
_ODD_ROWS = st.sampled_from(
    (
        '{"name": {"a": [1, 2.0, null]}, "n": 1.0}',
        '{"n": 1e3, "x": -0}',
        '{"n": 12345678901234567890, "x": 1e400}',
        '{"name":true,"n":false}',
        '{"name":"\\ud83d\\ude00\\u00e9","n":9223372036854775807}',
        '{"name" : "spaced" }',
        '{"name":"a","name":"b"}',
        '{"x":1.2345678901234567,"n":-9223372036854775808,"extra":[{"z":1e-7,"a":-3.3333333e-16}]}',
        '{"n":"\\u0000","z":2,"a":1}',
    )
)
_CHECKSUMS = st.sampled_from((0, 1, 5, 2**31 - 1, 2**31, 2**32 - 1, 3_000_000_000))
_WITH_ROW = st.fixed_dictionaries(
    {
        "object_type": st.sampled_from(TYPES),
        "object_id": st.sampled_from(IDS),
        "subkey": st.sampled_from((None, "k", "k", "")),
        "checksum": _CHECKSUMS,
    }
)
_PUTS = st.builds(
    lambda row, data: {"op": "PUT", **row, "data": data}, _WITH_ROW, st.one_of(_ROWS.map(json.dumps), _ODD_ROWS)
)
_REMOVES = _WITH_ROW.map(lambda row: {"op": "REMOVE", **row, "data": None})
_MOVES = _CHECKSUMS.map(lambda checksum: {"op": "MOVE", "checksum": checksum, "data": None})
_CLEARS = st.sampled_from((0, 7, -5, -(2**31))).map(lambda checksum: {"op": "CLEAR", "checksum": checksum})
_OPERATIONS = st.tuples(
    st.sampled_from((1, 1, 1, 1, 2, 0, -1)), st.one_of(_PUTS, _PUTS, _PUTS, _REMOVES, _MOVES, _CLEARS)
)
_DATA_LINES = st.tuples(st.sampled_from(BUCKETS), st.lists(_OPERATIONS, max_size=4))
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

    def entry(self, name: str, checksum: int, count: int) -> dict[str, Any]:
        wrong = (checksum + self.is_wrong) % _LIMIT
        entry: dict[str, Any] = {
            "bucket": name,
            "checksum": wrong - _LIMIT if self.is_signed and wrong >= _LIMIT // 2 else wrong,
        }
        if self.more_operations is not None:
            entry["count"] = max(0, count + self.more_operations)
        optional = {"priority": self.priority, "subscriptions": self.reasons}
        return entry | {field: value for field, value in optional.items() if value is not None}


@dataclass(frozen=True)
class Round:
    """A checkpoint or a diff, then data lines, with completions after some of them: (place, priority)."""

    buckets: dict[str, Described]
    removed: list[str] | None
    """None: the checkpoint is no diff."""
    data: list[tuple[str, list[tuple[int, dict[str, Any]]]]]
    completions: list[tuple[int, int | None]]
    beyond: int
    """How far the checkpoint is beyond its last operation."""
    write_checkpoint: str | None
    streams: list[dict[str, Any]]
    binary: bool

    def play(self, pair: Pair) -> None:
        """Send it, up to where the client ends the stream."""
        pair.start()
        sums, counts = self._kept(pair)
        lines = [self._data_line(pair, bucket, operations, sums, counts) for bucket, operations in self.data]
        last_op = str(max(0, pair.last_op + self.beyond))
        described = [
            bucket.entry(name, sums.get(name, 0), counts.get(name, 0)) for name, bucket in self.buckets.items()
        ]
        pair.line(self._checkpoint(last_op, described), binary=self.binary)
        for place, line in enumerate([*lines, None]):
            priorities = [priority for at, priority in self.completions if at == place or (line is None and at > place)]
            for message in [*(_completion(last_op, priority) for priority in priorities), line]:
                if message is not None and pair.is_open:
                    pair.line(message, binary=self.binary)

    def _kept(self, pair: Pair) -> tuple[dict[str, int], dict[str, int]]:
        """Checksums and counts of the buckets that the checkpoint leaves to the client."""
        found = pair.look("SELECT name, add_checksum + op_checksum, count_at_last + count_since_last FROM ps_buckets")
        gone = self.removed if self.removed is not None else [name for name, *_ in found if name not in self.buckets]
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
            pair.last_op = max(1, pair.last_op + step)
            sent.append({"op_id": str(pair.last_op), **operation})
            before = 0 if operation["op"] == "CLEAR" else sums.get(bucket, 0)
            sums[bucket] = (before + operation["checksum"]) % _LIMIT
            counts[bucket] = counts.get(bucket, 0) + 1
        fields = {"has_more": False, "after": str(after), "next_after": str(pair.last_op)}
        return {"data": {"bucket": bucket, **fields, "data": sent}}

    def _checkpoint(self, last_op: str, buckets: list[dict[str, Any]]) -> dict[str, Any]:
        head = {"last_op_id": last_op, "write_checkpoint": self.write_checkpoint}
        if self.removed is None:
            return {"checkpoint": {**head, "buckets": buckets, "streams": self.streams}}
        return {"checkpoint_diff": {**head, "updated_buckets": buckets, "removed_buckets": self.removed}}


def _completion(last_op: str, priority: int | None) -> dict[str, Any]:
    if priority is _FULL:
        return {"checkpoint_complete": {"last_op_id": last_op}}
    return {"partial_checkpoint_complete": {"last_op_id": last_op, "priority": priority}}


_DESCRIBED = st.builds(
    Described,
    priority=st.sampled_from((None, 0, 1, 2, 3, 4)),
    more_operations=st.sampled_from((0, 0, 0, None, 3, -3)),
    reasons=_REASONS,
    is_wrong=st.sampled_from((False,) * 9 + (True,)),
    is_signed=st.booleans(),
)
rounds = st.builds(
    Round,
    buckets=st.dictionaries(st.sampled_from(BUCKETS), _DESCRIBED, max_size=len(BUCKETS)),
    removed=st.one_of(st.none(), st.lists(st.sampled_from((*BUCKETS, "unknown")), max_size=2)),
    data=st.lists(_DATA_LINES, max_size=3),
    completions=st.lists(st.tuples(st.integers(0, 3), st.sampled_from((0, 1, 2, 3, _FULL, _FULL))), max_size=3),
    beyond=st.sampled_from((0, 0, 0, 1, -1, 2**60)),
    write_checkpoint=st.sampled_from((None, None, "1", "5", "9", "9223372036854775807")),
    streams=st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(STREAMS), "is_default": st.booleans(), "errors": _ERRORS}),
        max_size=3,
    ),
    binary=st.booleans(),
)

"""The buckets that the newest checkpoint expects: its checkpoint line, and the diffs since, applied in order."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import ExpectedBucket

_NEWEST = "SELECT id, base FROM checkpoints ORDER BY id DESC LIMIT 1"
_CHANGES = """
SELECT b.bucket, b.checksum, b.count, b.priority, b.subscriptions, c.op_id
FROM checkpoint_buckets b JOIN checkpoints c ON c.id = b.checkpoint
WHERE b.checkpoint BETWEEN ? AND ? AND c.base = ?
ORDER BY b.checkpoint
"""


class ExpectedBuckets:
    """Follows the newest checkpoint of a capture; only what is new since the last call is read."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened
        self._connection = opened.connection
        self._data_version: Any = None
        self._newest = 0
        self._base = 0
        self._buckets: Mapping[str, ExpectedBucket] = MappingProxyType({})

    def current(self) -> Mapping[str, ExpectedBucket]:
        """The buckets by name. The mapping never changes: the next call gives another one if there is news."""
        version = self._connection.pragma("data_version")
        if version != self._data_version:
            self._opened.snapshot(self._follow)
            self._data_version = version
        return self._buckets

    def at(self, checkpoint: int) -> Mapping[str, ExpectedBucket]:
        """The buckets as a checkpoint of the past expected them."""
        found = self._connection.execute("SELECT base FROM checkpoints WHERE id = ?", (checkpoint,)).fetchone()
        return {} if found is None else self._patched({}, found[0], checkpoint, found[0])

    def _follow(self) -> None:
        newest, base = self._connection.execute(_NEWEST).fetchone() or (0, 0)
        if (newest, base) == (self._newest, self._base):
            return
        buckets: dict[str, ExpectedBucket] = {}
        first = base
        if base == self._base and newest > self._newest:
            buckets.update(self._buckets)
            first = self._newest + 1
        self._patched(buckets, first, newest, base)
        self._newest, self._base, self._buckets = newest, base, MappingProxyType(buckets)

    def _patched(
        self, buckets: dict[str, ExpectedBucket], first: int, last: int, base: int
    ) -> dict[str, ExpectedBucket]:
        """`buckets` after the checkpoints from `first` to `last` that build on `base`."""
        for bucket, checksum, *rest in self._connection.execute(_CHANGES, (first, last, base)):
            if checksum is None:
                buckets.pop(bucket, None)
            else:
                buckets[bucket] = ExpectedBucket(bucket, checksum, *rest)
        return buckets

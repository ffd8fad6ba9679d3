"""Data lines, made once for all streams that are at the same place: a change reaches a hundred streams at a time."""

from collections import OrderedDict

from inspector.service.buckets import BucketState, BucketStorage
from inspector.service.wire import DataLine, operation_entry

_MOST_LINES = 16


class DataLines:
    """Reads operations of buckets as lines. The last ones are kept."""

    def __init__(self, buckets: BucketStorage) -> None:
        self._buckets = buckets
        self._kept: OrderedDict[tuple[int, int, int], DataLine] = OrderedDict()
        self._revision = buckets.revision

    def line(self, name: str, state: BucketState, after: int) -> DataLine | None:
        """The next line of the bucket `name` with `after` < op id ≤ the state's last; None when there is nothing."""
        if self._revision != self._buckets.revision:
            self._revision = self._buckets.revision
            self._kept.clear()
        key = (state.id, after, state.last_op_id)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        chunk = self._buckets.read(state.id, after, state.last_op_id)
        if chunk is None:
            return None
        entries = [operation_entry(operation) for operation in chunk.operations]
        line = DataLine(name, str(after), chunk.has_more, entries, str(chunk.next_after))
        self._kept[key] = line
        if len(self._kept) > _MOST_LINES:
            self._kept.popitem(last=False)
        return line

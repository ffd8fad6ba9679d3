"""The line below the buckets: what they hold together. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from inspector.ui.bucket_state import Bucket, BucketSnapshot
from inspector.ui.theme import Colour
from inspector.words import byte_size, plural, thousands

BUCKET_LIMIT = 1_000
"""A service refuses clients with more, where its config does not say otherwise (PSYNC_S2305)."""
_WARN_AT, _ALARM_AT = 800, 900


@dataclass(frozen=True, slots=True)
class Totals:
    """In one line, and how serious it is."""

    text: str
    tone: Colour = Colour.DIM


def totals_of(snapshot: BucketSnapshot) -> Totals:
    """Sums over all buckets, as far as the files tell them."""
    buckets = [bucket for _, group in snapshot.streams for bucket in group]
    empty = sum(1 for bucket in buckets if bucket.operations == 0)
    parts = [
        plural(len(buckets), "bucket") + (f", {thousands(empty)} empty" if empty else ""),
        _sum(buckets, lambda bucket: bucket.operations, lambda count: plural(count, "operation")),
        _sum(buckets, lambda bucket: bucket.rows, lambda count: plural(count, "row")),
        _bytes(buckets, "data_bytes", "data"),
        _bytes(buckets, "metadata_bytes", "metadata"),
        _bytes(buckets, "downloaded_size", "downloaded"),
    ]
    text = " · ".join(part for part in parts if part)
    if len(buckets) < _WARN_AT:
        return Totals(text)
    tone = Colour.BROKEN if len(buckets) >= _ALARM_AT else Colour.HELD
    limit = f"A service takes {thousands(BUCKET_LIMIT)} buckets a client where its config does not say otherwise."
    return Totals(f"{text}. {limit}", tone)


def _sum(buckets: list[Bucket], of: Callable[[Bucket], int | None], write: Callable[[int], str]) -> str:
    known = [value for bucket in buckets if (value := of(bucket)) is not None]
    return write(sum(known)) if known else ""


def _bytes(buckets: list[Bucket], name: str, what: str) -> str:
    of = lambda bucket: None if bucket.local is None else getattr(bucket.local, name)  # noqa: E731
    return _sum(buckets, of, lambda size: f"{byte_size(size)} {what}")

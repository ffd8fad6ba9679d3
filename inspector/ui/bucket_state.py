"""A bucket's figures from both files put together, and what they say of it. No Qt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from inspector.capture.rows import ExpectedBucket, OperationKinds
from inspector.protocol.buckets import BucketName, parse_bucket_name
from inspector.protocol.lines import DEFAULT_PRIORITY, BucketSubscription
from inspector.protocol.request import RequestedSubscription
from inspector.store.records import BucketRow, DatabaseSummary

MANY_OPERATIONS_A_ROW = 3.0
"""Above it compacting pays: the official diagnostics app warns at the same ratio."""


class Check(Enum):
    """What can be said of a bucket's content."""

    VALID = 0
    MISMATCH = 1
    DOWNLOADING = 2
    EMPTY = 3
    NOT_KNOWN = 4


@dataclass(frozen=True, slots=True)
class Failures:
    """How often a bucket failed validation, and the checksum that it last should have had."""

    count: int = 0
    expected: int | None = None


_NEVER = Failures()


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket; `local` is None while nothing of it is downloaded, `expected` where no checkpoint tells of it."""

    name: BucketName
    local: BucketRow | None
    expected: ExpectedBucket | None
    failures: Failures = _NEVER
    """As far as the capture goes back."""
    has_database: bool = True
    """Whether there is a client database to say what is downloaded."""
    received: OperationKinds | None = None
    """What the capture saw come, downloads that were thrown away included; None without a capture."""
    brought_by: tuple[str, ...] = ()
    """Why the bucket is here, in words: a default stream, or a subscription with its parameters."""

    @property
    def priority(self) -> int | None:
        """None where no checkpoint tells it."""
        if self.expected is None:
            return None
        return DEFAULT_PRIORITY if self.expected.priority is None else self.expected.priority

    @property
    def downloaded(self) -> int | None:
        """Operations downloaded, with those superseded since; None where the database does not count them."""
        return self._nothing if self.local is None else self.local.downloaded_operations

    @property
    def operations(self) -> int | None:
        """Operations of the bucket at the service, else those downloaded, else those kept."""
        if self.expected is not None and self.expected.count is not None:
            return self.expected.count
        if self.local is not None and self.local.downloaded_operations is None:
            return self.local.operations
        return self.downloaded

    @property
    def rows(self) -> int | None:
        """Distinct rows that it holds here; None before they are counted."""
        return self._nothing if self.local is None else self.local.put_rows

    @property
    def expected_checksum(self) -> int | None:
        """0 … 2^32-1; None where no checkpoint tells it."""
        return None if self.expected is None else self.expected.checksum

    @property
    def our_checksum(self) -> int | None:
        """0 … 2^32-1; a bucket that we lack counts as 0. None where it is not known."""
        return self._nothing if self.local is None else self.local.checksum

    @property
    def _nothing(self) -> int | None:
        return 0 if self.has_database else None

    @property
    def operations_a_row(self) -> float | None:
        """Only where it is worth a word: above three."""
        ratio = self.ratio
        return ratio if ratio is not None and ratio > MANY_OPERATIONS_A_ROW else None

    @property
    def ratio(self) -> float | None:
        """Operations for each row that it holds here, of those that are here: more may be on their way."""
        operations = self.operations
        if operations is not None and self.downloaded is not None:
            operations = min(operations, self.downloaded)
        return None if not self.rows or operations is None else operations / self.rows

    @property
    def check(self) -> Check:
        """Whether the content is what the newest checkpoint expects."""
        if self.expected is None or not self.has_database:
            return Check.EMPTY if self.operations == 0 else Check.NOT_KNOWN
        if self.our_checksum == self.expected.checksum:
            return Check.EMPTY if self.operations == 0 else Check.VALID
        if self.failures.expected == self.expected.checksum:
            return Check.MISMATCH
        if self.expected.count is not None and self.downloaded == self.expected.count:
            return Check.MISMATCH
        return Check.DOWNLOADING

    @property
    def progress(self) -> int | None:
        """Percent of the operations that are here; None where one of the counts is missing."""
        if self.expected is None or not self.expected.count or self.downloaded is None:
            return None
        return min(99, 100 * self.downloaded // self.expected.count)


@dataclass(frozen=True, slots=True)
class BucketSnapshot:
    """All buckets at one moment, by stream: streams of high priority first, then by name."""

    streams: tuple[tuple[str, tuple[Bucket, ...]], ...]
    summary: DatabaseSummary | None
    """Of the client database; None when there is none."""
    has_capture: bool

    @property
    def count(self) -> int:
        """How many buckets there are."""
        return sum(len(buckets) for _, buckets in self.streams)

    @property
    def operations(self) -> int:
        """Operations of all buckets, as far as they are known."""
        return sum(bucket.operations or 0 for _, buckets in self.streams for bucket in buckets)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `list-2` before `list-10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


_NOTHING_CAME = OperationKinds(0, 0, 0, 0)


def _brought_by(why: BucketSubscription, subscriptions: Sequence[RequestedSubscription]) -> str:
    if why.sub is None:
        return "default"
    if not 0 <= why.sub < len(subscriptions):
        return f"subscription {why.sub}"
    asked = subscriptions[why.sub]
    parameters = "" if asked.parameters is None else msgspec.json.encode(asked.parameters).decode()
    return f"{asked.stream}{parameters}"


def put_together(
    local: Iterable[BucketRow],
    expected: Mapping[str, ExpectedBucket],
    failures: Mapping[str, Failures],
    summary: DatabaseSummary | None,
    has_capture: bool,
    received: Mapping[str, OperationKinds] | None = None,
    subscriptions: Sequence[RequestedSubscription] = (),
) -> BucketSnapshot:
    """The snapshot of what both files hold; `failures` are those of validation, by bucket.

    `received` is what the capture saw come, `subscriptions` are those of the newest request.
    """
    rows = {row.name: row for row in local}
    streams: dict[str, list[Bucket]] = {}
    for full in sorted(rows.keys() | expected.keys(), key=_natural):
        name = parse_bucket_name(full)
        there = expected.get(full)
        bucket = Bucket(
            name,
            rows.get(full),
            there,
            failures.get(full, _NEVER),
            summary is not None,
            None if received is None else received.get(full, _NOTHING_CAME),
            () if there is None else tuple(_brought_by(each, subscriptions) for each in there.subscriptions),
        )
        streams.setdefault(name.stream, []).append(bucket)

    def urgency(stream: str) -> tuple[int, str]:
        known = [bucket.priority for bucket in streams[stream] if bucket.priority is not None]
        return min(known, default=DEFAULT_PRIORITY), stream

    ordered = tuple((stream, tuple(streams[stream])) for stream in sorted(streams, key=urgency))
    return BucketSnapshot(ordered, summary, has_capture)

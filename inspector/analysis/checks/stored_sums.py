"""The check of the buckets' stored sums against their operations; of a session that goes on, some buckets at a time."""

import time
from collections.abc import Iterator

from inspector.analysis.checks.recent import AT_ONCE_S, once
from inspector.analysis.finding_types import (
    DATABASES,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
)
from inspector.analysis.situations import Live, Role
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.checksums import as_hex
from inspector.store.read_connection import ReadError
from inspector.store.reader import ClientDatabaseReader


class StoredSums:
    """Goes from bucket to bucket, and round again; what a bucket was found to be holds until its next turn."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._found: dict[str, Finding] = {}

    def __call__(self, material: Material) -> Iterator[Finding]:
        reader = database_of(material)
        names = [bucket.name for bucket in reader.buckets(fast=True)]
        self._waiting = [name for name in self._waiting if name in names] or names[::-1]
        begun = time.thread_time()
        while self._waiting:
            name = self._waiting.pop()
            self._found.pop(name, None)
            if (found := _wrong_sum(reader, name)) is not None:
                self._found[name] = found
            material.progress.add()
            if isinstance(material.situation, Live) and time.thread_time() - begun > AT_ONCE_S:
                break
        material.progress.left = bool(self._waiting)
        yield from (found for name, found in self._found.items() if name in names)


def _wrong_sum(reader: ClientDatabaseReader, name: str) -> Finding | None:
    try:
        sums = reader.own_sums(name)
    except ReadError:  # damaged pages, which have their own finding
        return None
    if sums.agree or sums.stored is None:
        return None
    short = parse_bucket_name(name).short
    return Finding(
        f"checksums/stored-sum/{name}",
        f"Bucket {short} does not hold the operations that it counts",
        f"They add up to {as_hex(sums.computed)}, and {as_hex(sums.stored)} is stored.",
        Role.BROKEN,
        Certainty.CERTAIN,
        "An SDK keeps `op_checksum` in step with the operations that it stores, in one transaction. Where they"
        " differ, something else has written or deleted operations, or two SDKs work on one file.",
        "The client downloads the bucket again at the next checkpoint that includes it. Look in Checksums which"
        " operations do not have the checksum of their content.",
        (Evidence(short, f"{as_hex(sums.computed)} ≠ {as_hex(sums.stored)}", "checksums", name),),
    )


CHECKS = (
    Check(
        "checksums/stored-sum",
        "Buckets whose stored sum is not that of their operations",
        "ps_buckets.op_checksum, ps_oplog.hash",
        DATABASES,
        once(StoredSums),
        Needs.DATABASE,
        follow=StoredSums,
    ),
)

"""Checks of the lines of a capture, one by one: their size, whether they can be read, what their operations hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from inspector.analysis.checks.recent import once
from inspector.analysis.checks.recorded_evidence import frame_evidence
from inspector.analysis.checks.words import LISTED, row_evidence
from inspector.analysis.finding_types import (
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.operation_checks import OperationChecks, check_capture
from inspector.analysis.situations import Role
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.lines import Operation, OpType
from inspector.words import byte_size, plural, thousands

_LARGE_LINE = 2_000_000
"""Bytes; a service sends about 1 MB a line at most, unless a row is larger."""
_FEWEST_PAIRS = 5
"""One row may change its identity for once."""


class LargeLines:
    """Lines of several megabytes."""

    def __init__(self) -> None:
        self._times = 0
        self._largest: list[tuple[int, int, str, str]] = []
        """Frame, bytes, kind and bucket."""

    def __call__(self, material: Material) -> Iterator[Finding]:
        sql = "SELECT id, bytes, kind, ifnull(bucket, '') FROM frames WHERE id BETWEEN ? AND ? AND bytes >= ?"
        new = capture_of(material).ask(sql, material.frames.first, material.frames.last, _LARGE_LINE)
        self._times += len(new)
        self._largest = sorted([*self._largest, *new], key=lambda it: -it[1])[:LISTED]
        if self._largest:
            yield Finding(
                "frames/large",
                f"The largest line has {byte_size(self._largest[0][1])}",
                f"{plural(self._times, 'line')} of 2 MB or more.",
                Role.IDLE,
                Certainty.HINT,
                "A line is held in memory as a whole, by the client and by every proxy that looks into it. Rows of this"
                " size make a first sync slow on a phone.",
                "Keep large values outside of synced rows, as attachments.",
                tuple(
                    frame_evidence(frame, f"{kind}, {byte_size(size)}", bucket or None)
                    for frame, size, kind, bucket in self._largest
                ),
            )


class UnreadableLines:
    """Lines that are none."""

    def __init__(self) -> None:
        self._times = 0
        self._first: list[tuple[int, str]] = []

    def __call__(self, material: Material) -> Iterator[Finding]:
        sql = "SELECT id, error FROM frames WHERE id BETWEEN ? AND ? AND error IS NOT NULL ORDER BY id"
        new = capture_of(material).ask(sql, material.frames.first, material.frames.last)
        self._times += len(new)
        self._first = [*self._first, *new][:LISTED]
        if self._first:
            yield Finding(
                "frames/unreadable",
                f"{plural(self._times, 'line')} cannot be read",
                f"{str(self._first[0][1]).rstrip('.')}.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "What came is no line of the protocol. A client ends the stream at it and begins anew.",
                "Look at its bytes: a proxy's error page, or a service of another version.",
                tuple(frame_evidence(frame, str(error)) for frame, error in self._first),
            )


class AlteredOperations:
    """Operations that came without the checksum of their content."""

    def __init__(self) -> None:
        self._checks: dict[str, OperationChecks] = {}

    def __call__(self, material: Material) -> Iterator[Finding]:
        done = 0

        def progressed(operations: int) -> bool:
            nonlocal done
            material.progress.add(operations=operations - done)
            done = operations
            return True

        check_capture(capture_of(material), None, self._checks, progressed, material.frames.first, material.frames.last)
        for bucket, check in self._checks.items():
            tally = check.received
            if tally is None or not tally.differ or not tally.is_verifiable:
                continue
            short = parse_bucket_name(bucket).short
            yield Finding(
                f"operations/arrived-altered/{bucket}",
                f"{plural(tally.differ, 'operation')} of {short} came altered",
                f"The other {thousands(tally.agree)} have the checksum of their content.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "A service gives each operation the checksum of its content. These came with another one, so something"
                " between the service's storage and here has changed them.",
                "Look at them in Frames; compare with a connection that goes to the service directly.",
                tuple(
                    Evidence(
                        f"op {bad.op_id}",
                        f"{bad.row_type} / {bad.row_id}: {bad.why}",
                        "frames",
                        bucket,
                        frame=bad.frame,
                    )
                    for bad in tally.bad[:LISTED]
                ),
            )


class DoubledUpdates:
    """Updates that come as a REMOVE and a PUT of another subkey."""

    def __init__(self) -> None:
        self._pairs: dict[str, int] = defaultdict(int)
        self._last: dict[str, tuple[int, Operation]] = {}

    def __call__(self, material: Material) -> Iterator[Finding]:
        reader = capture_of(material)
        sql = "SELECT id FROM frames WHERE id BETWEEN ? AND ? AND kind = 'data' AND puts > 0 AND removes > 0"
        for (number,) in reader.ask(sql, material.frames.first, material.frames.last):
            for received in reader.evidence.operations(number, number):
                self._count(number, received.line.data)
            material.progress.add()
        for row_type, pairs in self._pairs.items():
            if pairs < _FEWEST_PAIRS:
                continue
            frame, operation = self._last[row_type]
            yield Finding(
                f"operations/doubled-updates/{row_type}",
                f"Each update of {row_type} is two operations",
                f"{plural(pairs, 'time')} a REMOVE and a PUT of the same row came together.",
                Role.HELD,
                Certainty.LIKELY,
                "The row's identity at the source changes with each update, so the service removes the old one and puts"
                " a new one: REPLICA IDENTITY FULL of Postgres makes the whole row its identity. Every update counts"
                " and downloads twice.",
                f"Give the table behind `{row_type}` a primary key, and its replica identity back to the default.",
                (
                    row_evidence(row_type, operation.object_id or "", f"op {operation.op_id}: subkey changed"),
                    frame_evidence(frame, "the newest such pair"),
                ),
            )

    def _count(self, frame: int, operations: Iterable[Operation]) -> None:
        removed: dict[tuple[str | None, str | None], str | None] = {}
        for operation in operations:
            row = operation.object_type, operation.object_id
            if operation.op is OpType.REMOVE:
                removed[row] = operation.subkey
            elif operation.op is OpType.PUT and row in removed and removed.pop(row) != operation.subkey:
                self._pairs[operation.object_type or ""] += 1
                self._last[operation.object_type or ""] = frame, operation


CHECKS = (
    Check(
        "frames/large",
        "Lines of 2 MB and more",
        "the size of every line",
        RECORDED,
        once(LargeLines),
        Needs.CAPTURE,
        follow=LargeLines,
    ),
    Check(
        "frames/unreadable",
        "Lines that cannot be read",
        "every line",
        RECORDED,
        once(UnreadableLines),
        Needs.CAPTURE,
        follow=UnreadableLines,
    ),
    Check(
        "operations/arrived-altered",
        "Operations that came altered",
        "the content of every operation",
        RECORDED,
        once(AlteredOperations),
        Needs.CAPTURE,
        follow=AlteredOperations,
    ),
    Check(
        "operations/doubled-updates",
        "Updates that cost two operations",
        "lines that remove and put rows",
        RECORDED,
        once(DoubledUpdates),
        Needs.CAPTURE,
        follow=DoubledUpdates,
    ),
)

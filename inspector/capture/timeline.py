"""Reads a capture by time, for a timeline: nothing is dropped, what is shorter than a bin is counted in SQL.

A range costs as much as there is to see in it: data come from `activity`, checkpoints by their index.
"""

from itertools import groupby, starmap

from msgspec.structs import replace

from inspector.capture.opening import OpenedCapture, reading
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.schema import ACTIVITY_STEPS, WRITES_TOLD_BY_EVENTS
from inspector.capture.timeline_bars import bar, merged, rank
from inspector.capture.timeline_rows import (
    UPLOAD_SEVERITY,
    ActivityBin,
    CheckpointBar,
    ConnectionSpan,
    EventMark,
    Extent,
    HeldSpan,
    Lanes,
    LocalWriteMark,
    OfflineSpan,
    Overview,
    PartialBar,
    UploadMark,
    WriteCheckpointMark,
)

_LOOK_BACK = 50
"""Checkpoints before a range that may reach into it; each ends when the next one begins."""

_EXTENT = """
SELECT (SELECT min(started_at) FROM connections), (SELECT received_at FROM frames ORDER BY id LIMIT 1),
  (SELECT at FROM events ORDER BY id LIMIT 1), (SELECT started_at FROM uploads ORDER BY id LIMIT 1),
  (SELECT max(ended_at) FROM connections), (SELECT max(started_at) FROM connections),
  (SELECT received_at FROM frames ORDER BY id DESC LIMIT 1),
  (SELECT at FROM events ORDER BY id DESC LIMIT 1), (SELECT max(ended_at) FROM uploads)
"""
_TROUBLES = f"""
SELECT received_at / ?1 * ?1, outcome FROM checkpoints
WHERE outcome IN ('{Outcome.HELD}', '{Outcome.MISMATCH}', '{Outcome.REFUSED}') GROUP BY 1, 2
"""
_LONGEST_TOKEN = "SELECT max(token_expires_at - started_at) FROM connections"
_CONNECTIONS = """
SELECT id, started_at, ended_at, status, coalesce(end_reason, ''), token_expires_at, operations, bytes
FROM connections WHERE started_at < ?2 AND coalesce(ended_at, ?2) >= ?1 ORDER BY id
"""
_OFFLINE = """
SELECT at, coalesce(json_extract(details, '$.offline'), message = 'Going offline.') FROM events
WHERE source = 'control' AND at < ?
  AND (json_extract(details, '$.offline') IS NOT NULL OR message IN ('Going offline.', 'Coming back online.'))
ORDER BY at
"""
"""Captures before version 5 tell it by their sentences alone."""
_IDS = "SELECT min(id), max(id) FROM checkpoints WHERE received_at >= ? AND received_at < ?"
_IN_RANGE = "c.id BETWEEN ?4 AND ?5 AND +c.received_at >= ?1 AND +c.received_at < ?2"
"""The ids first: they stand in the order of the file, and of the windows below."""
_ENDED = """coalesce(c.published_at, c.validated_at, c.data_done_at,
    (SELECT n.received_at FROM checkpoints n WHERE n.id = c.id + 1 AND n.connection = c.connection),
    (SELECT o.ended_at FROM connections o WHERE o.id = c.connection))"""
_BAR_COLUMNS = f"""c.id, c.frame, c.op_id, c.received_at, c.data_done_at, c.validated_at, c.published_at,
  {_ENDED}, c.outcome, c.reason, c.write_checkpoint, c.operations, c.bytes"""
_BARS_BEFORE = f"""
SELECT {_BAR_COLUMNS} FROM checkpoints c WHERE c.id IN
  (SELECT id FROM checkpoints WHERE received_at < ? ORDER BY received_at DESC LIMIT {_LOOK_BACK}) ORDER BY c.id
"""
_LONG_BARS = f"""
SELECT {_BAR_COLUMNS} FROM checkpoints c
WHERE {_IN_RANGE}
  AND ({_ENDED} IS NULL OR coalesce(c.validated_at, {_ENDED}) - c.received_at >= ?3) ORDER BY c.id
"""
_SHORT_BARS = f"""
SELECT c.received_at / ?3, c.outcome, count(*), min(c.received_at), max(coalesce(c.validated_at, {_ENDED})),
  min(c.id), c.frame, c.op_id, c.reason, max(c.write_checkpoint), sum(c.operations), sum(c.bytes)
FROM checkpoints c WHERE {_IN_RANGE}
  AND coalesce(c.validated_at, {_ENDED}) - c.received_at < ?3 GROUP BY 1, 2 ORDER BY 1
"""
_HELD = f"""
SELECT id, op_id, validated_at, coalesce(published_at, (
  SELECT p.published_at FROM checkpoints p WHERE p.id > h.id AND p.published_at IS NOT NULL ORDER BY p.id LIMIT 1)),
  reason
FROM (
  SELECT id, op_id, validated_at, published_at, reason, outcome,
    lag(outcome = 'held') OVER (ORDER BY id) AS continues
  FROM checkpoints c WHERE {_IN_RANGE}
) AS h
WHERE validated_at IS NOT NULL AND NOT coalesce(continues, 0)
  AND (outcome = 'held' OR outcome = 'applied' AND reason <> '') ORDER BY id
"""
_HELD_SINCE = """
SELECT c.id, c.op_id, c.validated_at, coalesce(c.published_at, (
  SELECT p.published_at FROM checkpoints p WHERE p.id > c.id AND p.published_at IS NOT NULL ORDER BY p.id LIMIT 1)),
  c.reason
FROM checkpoints c WHERE c.id BETWEEN coalesce(
    (SELECT p.id + 1 FROM checkpoints p WHERE p.id <= ?1 AND p.published_at < ?2 ORDER BY p.id DESC LIMIT 1), 1) AND ?1
  AND c.validated_at IS NOT NULL AND (outcome = 'held' OR outcome = 'applied' AND reason <> '')
ORDER BY c.id LIMIT 1
"""
_PARTIALS = """
SELECT max(f.id), coalesce(max((SELECT c.received_at FROM checkpoints c WHERE c.received_at <= f.received_at
    ORDER BY c.received_at DESC LIMIT 1)), min(f.received_at)),
  max(f.received_at), max(f.priority), max(f.outcome), count(*)
FROM frames f WHERE f.kind = 'partial_checkpoint_complete' AND f.received_at >= ?1 AND f.received_at < ?2
GROUP BY f.received_at / ?3, f.outcome ORDER BY 1
"""
_ACTIVITY = """
SELECT at / ?3 * ?3, sum(frames), sum(operations), sum(bytes), sum(errors)
FROM activity WHERE step = ?4 AND at >= ?1 AND at < ?2 GROUP BY 1
"""
_ACTIVITY_OF_FRAMES = """
SELECT received_at / ?3 * ?3, count(*), sum(puts + removes + moves + clears), sum(bytes), count(error)
FROM frames WHERE received_at >= ?1 AND received_at < ?2 GROUP BY 1
"""
_UPLOADS = """
SELECT id, started_at, ended_at, outcome, status, coalesce(answer, ''), tx_id, first_entry, last_entry,
  row_number() OVER (PARTITION BY first_entry ORDER BY id)
FROM uploads WHERE started_at < ?2 AND coalesce(ended_at, ?2) >= ?1 ORDER BY id
"""
_LOCAL_WRITES = """
SELECT min(at), tx_id, sum(changed), count(*), sum(NOT connected) FROM {}
WHERE at >= ?1 AND at < ?2 GROUP BY at / ?3 ORDER BY 1
"""
_FAULTS = """
SELECT min(id), min(at), message, count(*) FROM events
WHERE source = 'faults' AND level <> 'info' AND at >= ?1 AND at < ?2 GROUP BY at / ?3 ORDER BY 1
"""
_WRITE_CHECKPOINTS = f"""
SELECT max(id), min(received_at), max(write_checkpoint), count(*) FROM (
  SELECT id, received_at, write_checkpoint,
    max(write_checkpoint) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM checkpoints c WHERE {_IN_RANGE}
) WHERE write_checkpoint IS NOT NULL AND write_checkpoint > coalesce(before, coalesce((
  SELECT max(write_checkpoint) FROM (SELECT write_checkpoint FROM checkpoints
    WHERE received_at < ?1 ORDER BY received_at DESC LIMIT 1000)), -1))
GROUP BY received_at / ?3 ORDER BY 1
"""
_CHECKPOINT_AT = "SELECT id FROM checkpoints WHERE received_at <= ? ORDER BY received_at DESC LIMIT 1"
_FRAME_AT = "SELECT id FROM frames WHERE received_at <= ? ORDER BY received_at DESC LIMIT 1"
_FIRST_FRAME = "SELECT min(id) FROM frames"


class TimelineReader:
    """An opened capture, read by time. All methods raise CaptureError when the file is damaged."""

    def __init__(self, opened: OpenedCapture) -> None:
        self._opened = opened
        typed = bool(self._opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'local_writes'"))
        self._local_writes = _LOCAL_WRITES.format("local_writes" if typed else f"({WRITES_TOLD_BY_EVENTS})")
        self._has_activity = bool(self._opened.ask("SELECT 1 FROM sqlite_schema WHERE name = 'activity'"))

    def extent(self) -> Extent | None:
        """What there is to look at; None for a capture in which nothing ever happened."""
        known = [at for at in self._opened.ask(_EXTENT)[0] if at is not None]
        if not known:
            return None
        longest = self._opened.ask(_LONGEST_TOKEN)[0][0]
        return Extent(min(known), max(known), max(0, longest or 0))

    def lanes(self, first: int, last: int, step: int) -> Lanes:
        """All lanes from `first` up to `last`, by bins of `step`, all in ns."""
        with reading(self._opened.path):
            return self._opened.snapshot(lambda: self._lanes(first, last, step))

    def overview(self, bins: int) -> Overview | None:
        """All of the capture in about so many bins; None for one in which nothing ever happened."""
        extent = self.extent()
        if extent is None:
            return None
        step = -(-(extent.last + 1 - extent.first) // (bins * ACTIVITY_STEPS[-1])) * ACTIVITY_STEPS[-1]
        activity = self.activity(extent.first, extent.last + 1, step)
        return Overview(extent, step, activity, self._opened.ask(_TROUBLES, step))

    def activity(self, first: int, last: int, step: int) -> list[ActivityBin]:
        """The data lane alone."""
        narrow_enough = [width for width in ACTIVITY_STEPS if step % width == 0]
        if self._has_activity and narrow_enough:
            return list(
                starmap(ActivityBin, self._opened.ask(_ACTIVITY, first // step * step, last, step, narrow_enough[-1]))
            )
        return list(starmap(ActivityBin, self._opened.ask(_ACTIVITY_OF_FRAMES, first, last, step)))

    def checkpoint_at(self, moment: int) -> int | None:
        """The id of the checkpoint that came last before `moment`."""
        found: int | None = self._opened.scalar(_CHECKPOINT_AT, moment)
        return found

    def frame_at(self, moment: int) -> int | None:
        """The id of the frame that came last before `moment`, else of the first one."""
        found: int | None = self._opened.scalar(_FRAME_AT, moment)
        if found is None:
            found = self._opened.scalar(_FIRST_FRAME)
        return found

    def _lanes(self, first: int, last: int, step: int) -> Lanes:
        marks = (first, last, step)
        checkpoints = (*marks, *self._opened.ask(_IDS, first, last)[0])
        return Lanes(
            first,
            last,
            step,
            connections=list(starmap(ConnectionSpan, self._opened.ask(_CONNECTIONS, first, last))),
            offline=[span for span in self._offline(last) if span.ended_at is None or span.ended_at >= first],
            checkpoints=self._checkpoints(*checkpoints),
            held=self._held(*checkpoints),
            partials=list(starmap(PartialBar, self._opened.ask(_PARTIALS, *marks))),
            activity=self.activity(*marks),
            uploads=self._uploads(first, last, step),
            local_writes=list(starmap(LocalWriteMark, self._opened.ask(self._local_writes, *marks))),
            write_checkpoints=list(starmap(WriteCheckpointMark, self._opened.ask(_WRITE_CHECKPOINTS, *checkpoints))),
            faults=list(starmap(EventMark, self._opened.ask(_FAULTS, *marks))),
        )

    def _offline(self, last: int) -> list[OfflineSpan]:
        spans: list[OfflineSpan] = []
        since: int | None = None
        for at, going in self._opened.ask(_OFFLINE, last):
            if going and since is None:
                since = at
            elif not going and since is not None:
                spans.append(OfflineSpan(since, at))
                since = None
        return spans if since is None else [*spans, OfflineSpan(since, None)]

    def _checkpoints(self, first: int, *rest: int) -> list[CheckpointBar]:
        before = [bar(values) for values in self._opened.ask(_BARS_BEFORE, first)]
        bars = [one for one in before if one.ended_at is None or one.ended_at >= first]
        bars += [bar(values) for values in self._opened.ask(_LONG_BARS, first, *rest)]
        groups = groupby(self._opened.ask(_SHORT_BARS, first, *rest), key=lambda values: values[0])
        bars += [merged(values[1:] for values in group) for _, group in groups]
        return sorted(bars, key=lambda one: one.started_at)

    def _held(self, first: int, *rest: int) -> list[HeldSpan]:
        before = self.checkpoint_at(first - 1) or 0
        earlier = list(starmap(HeldSpan, self._opened.ask(_HELD_SINCE, before, first)))
        spans = [span for span in earlier if span.ended_at is None or span.ended_at >= first]
        covered = spans[0].ended_at if spans else first
        for span in starmap(HeldSpan, self._opened.ask(_HELD, first, *rest)):
            # What comes while another is held is part of the same wait.
            if covered is not None and span.started_at >= covered:
                spans.append(span)
                covered = span.ended_at
        return spans

    def _uploads(self, first: int, last: int, step: int) -> list[UploadMark]:
        marks: list[UploadMark] = []
        attempts = (UploadMark(*(*values, 1)) for values in self._opened.ask(_UPLOADS, first, last))
        for _, group in groupby(attempts, key=lambda mark: mark.at // step):
            together = list(group)
            worst = max(together, key=lambda mark: rank(UPLOAD_SEVERITY, mark.outcome))
            failures = sum(mark.outcome in (UploadOutcome.REFUSED, UploadOutcome.FAILED) for mark in together)
            marks.append(replace(worst, count=len(together), failures=failures))
        return marks

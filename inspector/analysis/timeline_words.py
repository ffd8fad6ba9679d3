"""What the timeline says of a thing in one of its lanes: figures first, then why. No Qt."""

from collections import Counter
from typing import Any

from inspector.capture.outcome import Outcome
from inspector.capture.timeline_rows import (
    ActivityBin,
    CheckpointBar,
    ConnectionSpan,
    EventMark,
    HeldSpan,
    Lanes,
    LocalWriteMark,
    OfflineSpan,
    PartialBar,
    UploadMark,
    WriteCheckpointMark,
)
from inspector.words import NS, byte_size, plural
from inspector.words import clock as clock_to_the_second

_OUTCOMES = {
    Outcome.RECEIVING: "is being received",
    Outcome.APPLIED: "was applied",
    Outcome.HELD: "was held back",
    Outcome.SUPERSEDED: "was superseded",
    Outcome.MISMATCH: "did not match its checksums",
    Outcome.INTERRUPTED: "was interrupted",
    Outcome.REFUSED: "was refused",
    Outcome.SKIPPED: "was skipped",
    Outcome.PARTIAL: "was applied",
}


def clock(at: int) -> str:
    """A local time of day to the millisecond: `14:03:38.200`."""
    return f"{clock_to_the_second(at)}.{at % NS // 1_000_000:03}"


def precise_span(ns: int) -> str:
    """How long something took, as exact as it is read: `0.4 ms`, `412 ms`, `12.41 s`, `2 min 14.2 s`, `1 h 5 min`."""
    ns = abs(ns)
    if ns < 9_950_000:
        return f"{ns / 1e6:.1f} ms"
    if ns < 999_500_000:
        return f"{ns / 1e6:.0f} ms"
    if ns < 59_995_000_000:
        return f"{ns / NS:.2f} s"
    minutes, rest = divmod(round(ns / NS, 1), 60)
    if minutes < 60:
        return f"{int(minutes)} min {rest:.1f} s"
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{plural(hours // 24, 'day')} {hours % 24} h"


def outcome_words(outcome: str) -> str:
    """`was applied`, `was held back`."""
    return _OUTCOMES.get(Outcome(outcome), outcome) if outcome in set(Outcome) else outcome


def describe(thing: Any, now: int) -> str:
    """Lines of text about anything that stands in a lane; `now` is where open things end."""
    match thing:
        case CheckpointBar():
            return _checkpoint(thing, now)
        case HeldSpan():
            return _held(thing, now)
        case PartialBar():
            return _partial(thing)
        case ConnectionSpan():
            return _connection(thing, now)
        case OfflineSpan():
            return _offline(thing, now)
        case ActivityBin():
            return _activity(thing)
        case UploadMark():
            return _upload(thing)
        case LocalWriteMark():
            return _local_write(thing)
        case EventMark():
            return _event(thing)
        case WriteCheckpointMark():
            return _write_checkpoint(thing)
    return ""


def span_sentence(first: int, last: int) -> str:
    """The span between two markers: `12.41 s from 14:03:38.200 to 14:03:50.610`."""
    first, last = min(first, last), max(first, last)
    return f"{precise_span(last - first)} from {clock(first)} to {clock(last)}"


def lanes_sentences(lanes: Lanes, first: int, last: int, now: int) -> str:
    """What is between two moments, for a screen reader; `now` is where open things end."""
    counted = [
        (sum(_meets(it.started_at, it.ended_at, first, last) for it in lanes.connections), "connection"),
        (sum(it.count for it in lanes.checkpoints if _meets(it.started_at, it.ended_at, first, last)), "checkpoint"),
        (sum(it.frames for it in lanes.activity if first <= it.at <= last), "frame"),
        (sum(it.count for it in lanes.local_writes if first <= it.at <= last), "local transaction"),
        (sum(it.count for it in lanes.uploads if _meets(it.at, it.ended_at, first, last)), "upload attempt"),
        (sum(it.count for it in lanes.faults if first <= it.at <= last), "fault"),
    ]
    told = [plural(count, word) for count, word in counted if count]
    sentences = [f"From {clock(first)} to {clock(min(last, now))}: {', '.join(told) or 'nothing'}."]
    came_to: Counter[str] = Counter()
    for bar in lanes.checkpoints:
        if _meets(bar.started_at, bar.ended_at, first, last):
            came_to.update(dict(bar.outcomes) if bar.count > 1 else {bar.outcome: 1})
    if troubled := [f"{count} {outcome}" for outcome, count in came_to.items() if outcome != Outcome.APPLIED]:
        sentences.append(f"Checkpoints that were not simply applied: {', '.join(troubled)}.")
    if failures := sum(it.failures for it in lanes.uploads if _meets(it.at, it.ended_at, first, last)):
        sentences.append(f"{plural(failures, 'upload attempt')} failed.")
    if held := [it for it in lanes.held if it.ended_at is None and it.started_at <= last]:
        sentences.append(f"Downloads are held back since {clock(held[0].started_at)}.")
    if offline := [it for it in lanes.offline if it.ended_at is None and it.started_at <= last]:
        sentences.append(f"Offline since {clock(offline[0].started_at)}.")
    return " ".join(sentences)


def _meets(began: int, ended: int | None, first: int, last: int) -> bool:
    return began <= last and (ended is None or ended >= first)


def _checkpoint(bar: CheckpointBar, now: int) -> str:
    amount = f"{plural(bar.operations, 'operation')}, {byte_size(bar.bytes)}"
    if bar.count > 1:
        kinds = ", ".join(f"{count} {outcome}" for outcome, count in bar.outcomes)
        end = clock(bar.ended_at or now)
        return f"{plural(bar.count, 'checkpoint')} from {clock(bar.started_at)} to {end}\n{kinds}\n{amount}"
    lines = [f"Checkpoint {bar.op_id} {outcome_words(bar.outcome)}.", f"{clock(bar.started_at)}  first line"]
    before = bar.started_at
    for at, step in ((bar.data_done_at, "data"), (bar.validated_at, "validated"), (bar.published_at, "shown")):
        if at is not None:
            lines.append(f"{clock(at)}  {step}, after {precise_span(at - before)}")
            before = at
    if bar.ended_at is not None and bar.data_done_at is None:
        lines.append(f"{clock(bar.ended_at)}  ended, after {precise_span(bar.ended_at - bar.started_at)}")
    lines.append(amount)
    if bar.write_checkpoint is not None:
        lines.append(f"write checkpoint {bar.write_checkpoint}")
    if bar.reason:
        lines.append(bar.reason)
    return "\n".join(lines)


def _held(span: HeldSpan, now: int) -> str:
    end = "still" if span.ended_at is None else f"until {clock(span.ended_at)}"
    length = precise_span((span.ended_at or now) - span.started_at)
    are = "are" if span.ended_at is None else "were"
    return (
        f"Downloads {are} held back from checkpoint {span.op_id} on.\n"
        f"{clock(span.started_at)}, {end}: {length}\n{span.reason}"
    ).strip()


def _partial(bar: PartialBar) -> str:
    if bar.count > 1:
        return f"{plural(bar.count, 'partial checkpoint')} until {clock(bar.ended_at)}"
    skipped = "was skipped: local writes waited" if bar.outcome == Outcome.SKIPPED else outcome_words(bar.outcome)
    return (
        f"The partial checkpoint of priority {bar.priority} {skipped or 'was received'}.\n"
        f"{clock(bar.ended_at)}, {precise_span(bar.ended_at - bar.started_at)} after the checkpoint's first line"
    )


def _connection(span: ConnectionSpan, now: int) -> str:
    what = f"Connection {span.id}"
    if span.status is None:
        what += ": no answer came"
    elif span.status != 200:
        what += f": the service answered {span.status}"
    length = precise_span((span.ended_at or now) - span.started_at)
    end = "and open" if span.ended_at is None else f"to {clock(span.ended_at)}"
    lines = [what, f"from {clock(span.started_at)} {end}, {length}"]
    lines.append(f"{plural(span.operations, 'operation')}, {byte_size(span.bytes)}")
    if span.token_expires_at is not None:
        ends = "ends" if span.token_expires_at > now else "ended"
        lines.append(f"The token {ends} at {clock(span.token_expires_at)}.")
    if span.end_reason:
        lines.append(span.end_reason)
    return "\n".join(lines)


def _offline(span: OfflineSpan, now: int) -> str:
    end = "still" if span.ended_at is None else f"until {clock(span.ended_at)}"
    return f"Offline since {clock(span.started_at)}, {end}: {precise_span((span.ended_at or now) - span.started_at)}"


def _activity(one: ActivityBin) -> str:
    lines = [
        f"from {clock(one.at)}",
        f"{plural(one.frames, 'frame')}, {plural(one.operations, 'operation')}, {byte_size(one.bytes)}",
    ]
    if one.errors:
        lines.append(f"{plural(one.errors, 'frame')} could not be read")
    return "\n".join(lines)


def _upload(mark: UploadMark) -> str:
    entries = (
        f"entry {mark.first_entry}"
        if mark.first_entry == mark.last_entry
        else f"entries {mark.first_entry} to {mark.last_entry}"
    )
    whole = f"Transaction {mark.tx_id}, {entries}" if mark.tx_id is not None else entries.capitalize()
    if mark.count > 1:
        return f"{plural(mark.count, 'upload attempt')} from {clock(mark.at)}; the most telling one:\n{whole}"
    status = f" ({mark.status})" if mark.status is not None else ""
    lines = [f"{whole}: {mark.outcome}{status}", f"{clock(mark.at)}, attempt {mark.attempt}"]
    if mark.ended_at is not None:
        lines[1] += f", took {precise_span(mark.ended_at - mark.at)}"
    return "\n".join([*lines, mark.answer] if mark.answer else lines)


def _local_write(mark: LocalWriteMark) -> str:
    rows = "" if mark.changed is None else f", {plural(mark.changed, 'row')}"
    if mark.count > 1:
        offline = f", {mark.offline} of them without a connection" if mark.offline else ""
        return f"{plural(mark.count, 'local transaction')} from {clock(mark.at)}{rows}{offline}"
    what = "Local write that is not uploaded" if mark.tx_id is None else f"Transaction {mark.tx_id} was written locally"
    return f"{what}{rows}\n{clock(mark.at)}, {'without a connection' if mark.offline else 'while connected'}"


def _event(mark: EventMark) -> str:
    more = f"\nand {mark.count - 1} more" if mark.count > 1 else ""
    return f"{clock(mark.at)}\n{mark.message}{more}"


def _write_checkpoint(mark: WriteCheckpointMark) -> str:
    more = f", the highest of {mark.count}" if mark.count > 1 else ""
    return f"{clock(mark.at)}\nThe service confirms write checkpoint {mark.write_checkpoint}{more}."

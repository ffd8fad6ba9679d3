"""The columns of the subscriptions."""

import time

from inspector.analysis.stream_lines import StreamLine
from inspector.ui.theme import Colour
from inspector.ui.times import full_utc
from inspector.ui.widgets.columns import DASH, Align, Cell, Column, Face, Mark, Note
from inspector.words import ago, countdown, plural


def _stream(line: StreamLine) -> Cell:
    note = Note(line.parameters, Colour.DIM) if line.parameters else None
    return Cell(line.stream, note=note, whole=line.words)


def _state(line: StreamLine) -> Cell:
    if line.problem is not None:
        return Cell("problem", Colour.BROKEN, Mark("✕", Colour.BROKEN), tooltip=str(line.problem))
    if line.subscription is None:
        return Cell(DASH, Colour.DIM, tooltip="There are buckets of it, and no subscription is stored.")
    if line.subscription.active:
        return Cell("active", Colour.TEXT, Mark("✓", Colour.FINE), tooltip="The newest checkpoint names it.")
    return Cell("not active", Colour.DIM, Mark("○", Colour.IDLE), tooltip="The newest checkpoint does not name it.")


def _kind(line: StreamLine) -> Cell:
    if line.subscription is None:
        return Cell(DASH, Colour.DIM, tooltip="No subscription is stored.")
    if line.explicit:
        return Cell("explicit", tooltip="This client asked for it.")
    return Cell("default", Colour.DIM, tooltip="The sync config subscribes every client to it.")


def _priority(line: StreamLine) -> Cell:
    priority = line.subscription.priority if line.subscription is not None else None
    if priority is None:
        return Cell(DASH, Colour.DIM, tooltip="The subscription asks for no other priority than the stream's own.")
    return Cell(f"P{priority}")


def _ends(line: StreamLine) -> Cell:
    if line.expires_at is None:
        why = "It does not expire." if line.subscription is not None else "No subscription is stored."
        return Cell(DASH, Colour.DIM, tooltip=why)
    now = time.time_ns()
    if line.expires_at <= now:
        return Cell("over", Colour.HELD, Mark("▲", Colour.HELD), tooltip=f"It ran out {ago(line.expires_at, now)}.")
    ttl = line.subscription.ttl if line.subscription is not None else None
    whole = "" if ttl is None else f" It lives for {plural(ttl, 'second')} after it was last active."
    left = countdown(line.expires_at, now)
    largest = " ".join(left.split(" ")[:2])
    return Cell(largest, tooltip=f"In {left}, at {full_utc(line.expires_at)}.{whole}")


def _synced(line: StreamLine) -> Cell:
    if line.last_synced_at is None:
        return Cell("never", Colour.DIM, tooltip="No checkpoint that covers it was shown yet.")
    return Cell(ago(line.last_synced_at, time.time_ns()), tooltip=full_utc(line.last_synced_at))


def _buckets(line: StreamLine) -> Cell:
    found = line.buckets
    if found is None:
        return Cell(DASH, Colour.DIM, tooltip="No bucket has the stream's name.")
    text = plural(found.buckets, "bucket")
    if found.done is None or not found.total:
        return Cell(text)
    if found.done < found.total:
        return Cell(text, note=Note(f"{100 * found.done // found.total} %", Colour.ACCENT))
    return Cell(text, note=Note("✓", Colour.FINE))


COLUMNS: tuple[Column[StreamLine], ...] = (
    Column("Stream", cell=_stream, face=Face.MONO, width=18, least=10, stretch=True, word="sync stream"),
    Column("State", cell=_state, width=10, explains="Whether the newest checkpoint names it."),
    Column("Ends in", cell=_ends, width=8, explains="When it expires unless it is renewed."),
    Column("Synced", cell=_synced, width=10, optional=True, explains="The last checkpoint that covered it."),
    Column("Kind", cell=_kind, width=8, optional=True, explains="Default: by the sync config. Explicit: asked for."),
    Column("Priority", cell=_priority, align=Align.RIGHT, width=8, optional=True, explains="Asked for, if any."),
    Column("Buckets", cell=_buckets, width=14, optional=True, explains="The stream's buckets, and how much is here."),
)

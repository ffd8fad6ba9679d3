"""The columns of the events."""

from inspector.analysis.event_lines import EventLine
from inspector.ui.theme import Colour
from inspector.ui.times import clock, full_utc
from inspector.ui.widgets.columns import Align, Cell, Column, Face, Mark
from inspector.words import thousands

LEVEL_MARKS = {
    "debug": Mark("·", Colour.IDLE),
    "info": Mark("○", Colour.ACCENT),
    "warning": Mark("▲", Colour.HELD),
    "error": Mark("✕", Colour.BROKEN),
}
_SOURCES = {
    "session": "The sync session: checkpoints, validation, publishing.",
    "transport": "The connection to the service.",
    "credentials": "Tokens and where they come from.",
    "uploads": "Local writes on their way, and their confirmation.",
    "store": "The client database.",
    "control": "What the user asked for.",
}


def _level(line: EventLine) -> Cell:
    mark = LEVEL_MARKS.get(line.event.level, LEVEL_MARKS["info"])
    return Cell(line.event.level, Colour.DIM if line.event.level == "debug" else Colour.TEXT, mark)


def _source(line: EventLine) -> Cell:
    return Cell(line.event.source, Colour.DIM, tooltip=_SOURCES.get(line.event.source, ""))


def _message(line: EventLine) -> Cell:
    colour = {"debug": Colour.DIM, "error": Colour.BROKEN}.get(line.event.level, Colour.TEXT)
    return Cell(line.event.message, colour, tooltip=line.event.message if len(line.event.message) > 90 else "")


def _count(line: EventLine) -> Cell:
    if line.count == 1:
        return Cell()
    return Cell(f"×{thousands(line.count)}", Colour.HELD, tooltip=f"So often since {clock(line.first_at)}.")


COLUMNS: tuple[Column[EventLine], ...] = (
    Column(
        "Time",
        lambda line: line.event.at,
        clock,
        face=Face.MONO,
        whole=lambda line: full_utc(line.event.at),
        width=12,
        explains="When it happened; of repeated ones, the last time.",
    ),
    Column("Level", cell=_level, width=9, explains="Debug is every step; warnings and errors call for somebody."),
    Column("Source", cell=_source, width=11, least=4, explains="The part of the engine that tells it."),
    Column("What happened", cell=_message, width=40, stretch=True),
    Column("Times", cell=_count, align=Align.RIGHT, width=6, explains="How often it was said, but for the numbers."),
)

"""The lines above a frame's detail: what it is, which bucket it is for, and which checkpoint brought it."""

from html import escape

from inspector.capture.happenings import Happening, name_of
from inspector.capture.rows import FrameRow
from inspector.capture.summary import what_happened
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.lines import DataLine, Line
from inspector.ui.fonts import mono_font
from inspector.ui.theme import Colour, colour
from inspector.ui.times import clock
from inspector.words import plural, thousands

_TARGETS = ("data", "checkpoint_complete", "partial_checkpoint_complete")


def heading(row: FrameRow, line: Line | None) -> str:
    """Rich text of two or three lines; whatever comes from the frame is escaped."""
    facts = (f"frame {thousands(row.id)}", plural(row.bytes, "byte"), clock(row.received_at))
    lines = [f"{strong(row.kind or 'not readable')}{dim(''.join(f' · {fact}' for fact in facts))}"]
    if row.bucket is not None:
        lines.append(mono(parse_bucket_name(row.bucket).short))
    if context := _context(row, line):
        lines.append(context)
    return f'<div style="line-height: 125%">{"<br>".join(lines)}</div>'


def happening_heading(row: Happening) -> str:
    """The same for what happened between frames."""
    facts = [name_of(row.id), clock(row.received_at)]
    if row.after:
        facts.insert(1, f"after frame {thousands(row.after)}")
    lines = [f"{strong(row.kind)}{dim(''.join(f' · {fact}' for fact in facts))}", strong(what_happened(row))]
    return f'<div style="line-height: 125%">{"<br>".join(lines)}</div>'


def _context(row: FrameRow, line: Line | None) -> str:
    parts = []
    if row.kind in _TARGETS and row.checkpoint is not None:
        verb = "brought by" if row.kind == "data" else "completes"
        parts.append(f"{dim(f'{verb} checkpoint ')}{mono(str(row.checkpoint))}")
    if isinstance(line, DataLine) and line.after is not None:
        parts.append(f"{dim('after op ')}{mono(str(line.after))}")
    if isinstance(line, DataLine) and line.has_more:
        parts.append(dim("more follows"))
    return dim(" · ").join(parts)


def strong(text: str) -> str:
    """Rich text in bold; `text` is escaped, here and below."""
    return f'<span style="font-weight: 600; color: {colour(Colour.TEXT).name()}">{escape(text)}</span>'


def dim(text: str) -> str:
    """What names something."""
    return f'<span style="color: {colour(Colour.DIM).name()}">{escape(text)}</span>'


def mono(text: str, role: Colour = Colour.TEXT) -> str:
    """A name or a value."""
    return f'<span style="{_mono_style(role)}">{escape(text)}</span>'


def link(target: str, text: str) -> str:
    """A name or a value that leads somewhere."""
    return (
        f'<a href="{escape(target)}" style="{_mono_style(Colour.TEXT)}; text-decoration: underline">{escape(text)}</a>'
    )


def _mono_style(role: Colour) -> str:
    font = mono_font()
    return f"font-family: '{font.family()}'; font-size: {font.pixelSize()}px; color: {colour(role).name()}"

"""`inspector export`: frames of a capture for other programs, without a window."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from inspector.capture.export import ExportFormat, export_frames, export_to
from inspector.capture.filter import compile_filter
from inspector.capture.filter.happening_scan import FoundHappenings, Seen
from inspector.capture.reader import CaptureReader
from inspector.engine.errors import SettingsError
from inspector.words import plural

_STEP = 20_000


def export_capture(capture: Path, filter_text: str, form: str, output: Path | None, *, between: bool = False) -> None:
    """Export the frames that meet the filter, all without one, and what happened `between` them; raises
    InspectorError."""
    chosen = _format(form, output)
    with CaptureReader(capture) as reader:
        annotations = reader.annotations()
        frames = _matching(reader, filter_text, between=between)
        if output is None:
            try:
                written = export_frames(reader, frames, chosen, sys.stdout.buffer, annotations=annotations)
                sys.stdout.buffer.flush()
                if not written:
                    sys.stderr.write("No frame meets the filter.\n" if filter_text.strip() else "There is no frame.\n")
            except BrokenPipeError:  # who reads has seen enough
                sys.stdout = None
            return
        counts = Counter[bool]()
        export_to(output, reader, _counted(frames, counts), chosen, annotations=annotations)
    others = counts[False] if chosen is not ExportFormat.HAR else 0
    sys.stderr.write(f"{_said(counts[True], others, output, is_filtered=bool(filter_text.strip()))}\n")
    if others < counts[False]:
        sys.stderr.write(
            f"{plural(counts[False], 'row')} between frames left out: an HTTP archive has no place for them.\n"
        )


def _counted(entries: Iterable[int], counts: Counter[bool]) -> Iterator[int]:
    """These, while `counts` learns how many are frames."""
    for entry in entries:
        counts[entry > 0] += 1
        yield entry


def _said(frames: int, others: int, output: Path, *, is_filtered: bool) -> str:
    """What was written, or that nothing was there to write."""
    if not frames and not others:
        why = "No frame meets the filter" if is_filtered else "There is no frame"
        return f"{why}: {output} was written without one."
    written = plural(frames, "frame")
    if others:
        written += f" and {plural(others, 'row')} of what stands between frames"
    return f"{written} written to {output}."


def _matching(reader: CaptureReader, text: str, *, between: bool) -> Iterable[int]:
    scan = reader.scan()
    scan.set_annotations(reader.annotations())
    condition = compile_filter(text, first_at=scan.first_at()) if text.strip() else None
    last = scan.frame_count()
    frames: Iterable[int] = range(1, last + 1)
    if condition is not None:
        spans = range(1, last + 1, _STEP)
        frames = chain.from_iterable([scan.find(condition, first, first + _STEP - 1).ids for first in spans])
    return _merged(frames, scan.find_happenings(condition, Seen())) if between else frames


def _merged(frames: Iterable[int], happenings: FoundHappenings) -> Iterable[int]:
    """In the order of time."""
    placed = zip(happenings.after, happenings.keys, strict=True)
    after, key = next(placed, (None, 0))
    for frame in frames:
        while after is not None and after < frame:
            yield key
            after, key = next(placed, (None, 0))
        yield frame
    if after is not None:
        yield key
        yield from (key for _, key in placed)


def _format(form: str, output: Path | None) -> ExportFormat:
    name = (form or (output.suffix.removeprefix(".") if output is not None else "")).lower()
    if name in set(ExportFormat):
        return ExportFormat(name)
    if form:
        raise SettingsError(f"“{form}” is no format.", next_step="Choose ndjson, csv or har.")
    return ExportFormat.NDJSON

"""`inspector export`: frames of a capture for other programs, without a window."""

import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from inspector.capture.export import ExportFormat, export_frames, export_to
from inspector.capture.filter import FilterScan, compile_filter
from inspector.capture.reader import CaptureReader
from inspector.engine.errors import SettingsError
from inspector.words import plural

_STEP = 20_000


def export_capture(capture: Path, filter_text: str, form: str, output: Path | None) -> None:
    """Export the frames that meet the filter, all without one; raises InspectorError."""
    chosen = _format(form, output)
    with CaptureReader(capture) as reader:
        annotations = reader.annotations()
        frames = _matching(capture, reader, filter_text) if filter_text.strip() else range(1, reader.frame_count() + 1)
        if output is None:
            try:
                export_frames(reader, frames, chosen, sys.stdout.buffer, annotations=annotations)
                sys.stdout.buffer.flush()
            except BrokenPipeError:  # who reads has seen enough
                sys.stdout = None
            return
        written = export_to(output, reader, frames, chosen, annotations=annotations)
    sys.stderr.write(f"{plural(written, 'frame')} written to {output}.\n")


def _matching(capture: Path, reader: CaptureReader, text: str) -> Iterable[int]:
    scan = FilterScan(capture)
    try:
        scan.set_annotations(reader.annotations())
        condition, last = compile_filter(text, first_at=scan.first_at()), scan.frame_count()
        spans = range(1, last + 1, _STEP)
        return chain.from_iterable([scan.find(condition, first, first + _STEP - 1).ids for first in spans])
    finally:
        scan.close()


def _format(form: str, output: Path | None) -> ExportFormat:
    name = (form or (output.suffix.removeprefix(".") if output is not None else "")).lower()
    if name in set(ExportFormat):
        return ExportFormat(name)
    if form:
        raise SettingsError(f"“{form}” is no format.", next_step="Choose ndjson, csv or har.")
    return ExportFormat.NDJSON

"""Chosen frames of a capture into a file, a batch at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from inspector.capture.annotations import Annotations
from inspector.capture.errors import CaptureError
from inspector.capture.export.as_csv import write_csv
from inspector.capture.export.as_har import write_har
from inspector.capture.export.as_ndjson import write_ndjson
from inspector.capture.happenings import Happening
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import Frame

_BATCH = 256


class ExportFormat(StrEnum):
    """What a file of frames can be; each is the usual ending of its name too."""

    NDJSON = "ndjson"
    CSV = "csv"
    HAR = "har"


class Cancelled(CaptureError):
    """Somebody wanted no more of an export; nothing of it is left."""


def export_frames(
    reader: CaptureReader,
    frames: Iterable[int],
    form: ExportFormat,
    output: BinaryIO,
    *,
    annotations: Annotations,
    wanted: Callable[[int], bool] = lambda _: True,
) -> int:
    """Write the frames with these ids, and the happenings with these keys, in order; how many were written.

    An HTTP archive has no place for happenings: it leaves them out, since requests stand in it with their frames.
    `wanted` is asked after each batch with the number of frames written; when it says no, Cancelled is raised.
    Raises CaptureError when the capture is damaged, OSError when `output` cannot be written.
    """
    written = 0

    def listed() -> Iterator[Frame | Happening]:
        nonlocal written
        for batch in _batches(frames):
            happenings = reader.happenings([entry for entry in batch if entry < 0])
            by_id = {frame.row.id: frame for frame in reader.chosen_bodies([entry for entry in batch if entry > 0])}
            for entry in batch:
                row = happenings.get(entry) or by_id.get(entry)
                if row is not None:
                    yield row
                    written += 1
            if not wanted(written):
                raise Cancelled("The export was cancelled.")

    def with_bodies() -> Iterator[Frame]:
        nonlocal written
        for row in listed():
            if isinstance(row, Frame):
                yield row
            else:
                written -= 1

    match form:
        case ExportFormat.NDJSON:
            write_ndjson(listed(), output, annotations)
        case ExportFormat.CSV:
            write_csv(listed(), output, annotations)
        case ExportFormat.HAR:
            write_har(with_bodies(), output, reader.connection)
    return written


def export_to(
    path: Path,
    reader: CaptureReader,
    frames: Iterable[int],
    form: ExportFormat,
    *,
    annotations: Annotations,
    wanted: Callable[[int], bool] = lambda _: True,
) -> int:
    """As `export_frames`, into a file that is there only when it is complete; raises CaptureError."""
    waiting = path.with_name(f"{path.name}.part")
    try:
        with waiting.open("wb") as output:
            written = export_frames(reader, frames, form, output, annotations=annotations, wanted=wanted)
        waiting.replace(path)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        raise CaptureError(
            f"The file {path.name} cannot be written.",
            why=f"The system says: {error.strerror or error}.",
            next_step="Choose another place, or free space on the disk.",
        ) from error
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
    return written


def _batches(frames: Iterable[int]) -> Iterator[Sequence[int]]:
    left = iter(frames)
    while batch := list(islice(left, _BATCH)):
        yield batch

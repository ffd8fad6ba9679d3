"""The bytes of frames, which a capture keeps compressed."""

from typing import Any

import zstandard

from inspector.capture.errors import CaptureError
from inspector.capture.opening import OpenedCapture
from inspector.capture.rows import Frame, FrameRow
from inspector.protocol.framing import MAX_FRAME_BYTES, FrameFormat


class FrameBodies:
    """For use from one thread."""

    def __init__(self, opened: OpenedCapture, name: str) -> None:
        self._opened, self._name = opened, name
        self._decompressor = zstandard.ZstdDecompressor()
        self._formats: dict[int, FrameFormat] = {}

    def frame(self, body: bytes, *values: Any) -> Frame:
        """A frame of its bytes as they are kept and the columns of its row; raises CaptureError."""
        row = FrameRow(*values)
        return Frame(row, self._decompressed(row, body), self._format(row.connection))

    def _decompressed(self, row: FrameRow, body: bytes) -> bytes:
        why = "Its length is not the one that was noted."
        try:
            if zstandard.frame_content_size(body) == row.bytes <= MAX_FRAME_BYTES:
                return self._decompressor.decompress(body)
        except zstandard.ZstdError as error:
            why = f"{str(error).rstrip('.').capitalize()}."
        raise CaptureError(
            f"The bytes of frame {row.id} in {self._name} are damaged.",
            why=why,
            next_step="Open another copy of the file if there is one.",
        )

    def _format(self, connection: int) -> FrameFormat:
        known = self._formats.get(connection)
        if known is None:
            stored = self._opened.scalar("SELECT format FROM connections WHERE id = ?", connection)
            known = FrameFormat.BSON if stored == FrameFormat.BSON else FrameFormat.NDJSON
            if stored is not None:
                self._formats[connection] = known
        return known

"""What users say about the frames of captures that are evidence: kept beside them, in the user's own data.

A file of its own for each capture, named by the capture's identity, so that a copy of a capture finds them too.
"""

from pathlib import Path

import msgspec

from inspector.capture.annotations import Annotation, Annotations
from inspector.capture.errors import CaptureError


class NotesBeside:
    """The annotations of one capture in `folder`; those without mark and comment stand for removed ones."""

    def __init__(self, folder: Path, identity: str) -> None:
        self._path = folder / f"{identity}.json"

    def read(self) -> dict[int, Annotation]:
        """What was said; nothing where nothing was, or where it cannot be read any more."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[int, Annotation])
        except (OSError, msgspec.MsgspecError):
            return {}

    def write(self, annotations: Annotations) -> None:
        """Keep these, all that there are; raises CaptureError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            waiting = self._path.with_suffix(".new")
            waiting.write_bytes(msgspec.json.encode(dict(annotations)))
            waiting.replace(self._path)
        except OSError as error:
            raise CaptureError(
                "The mark or comment cannot be kept.",
                why=f"The system says: {error.strerror or error}.",
                next_step="Check the permissions of the folder with your user data.",
            ) from error

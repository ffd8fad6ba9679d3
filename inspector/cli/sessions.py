"""Where the two files of a live connection lie."""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from inspector.capture.errors import CaptureError
from inspector.capture.reader import CaptureReader
from inspector.engine.endpoint import host_of

_APP = "powersync-inspector"


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """A client database and the capture of what filled it."""

    client_database: Path
    capture: Path


@contextmanager
def passing_session() -> Iterator[SessionFiles]:
    """Files in a folder that goes when the demo ends."""
    with tempfile.TemporaryDirectory(prefix=f"{_APP}-", ignore_cleanup_errors=True) as folder:
        yield _files_in(Path(folder))


@contextmanager
def kept_session(address: str, database: Path | None, capture: Path | None) -> Iterator[SessionFiles]:
    """The files that the user names; those not named lie in a folder of their own under the user's data.

    Where that folder is, is said at the end; it goes if nothing was recorded.
    """
    if database is not None and capture is not None:
        yield SessionFiles(database, capture)
        return
    name = re.sub(r"[^\w.-]+", "-", host_of(address))
    folder = user_data_path(_APP) / "sessions" / f"{datetime.now().strftime('%Y-%m-%d %H.%M.%S')} {name}"
    folder.mkdir(parents=True, exist_ok=True)
    files = _files_in(folder)
    used = SessionFiles(database or files.client_database, capture or files.capture)
    try:
        yield used
    finally:
        if _has_frames(used.capture):
            sys.stderr.write(f"The session is kept in {folder}.\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _has_frames(capture: Path) -> bool:
    try:
        with CaptureReader(capture) as reader:
            return reader.frame_count() > 0
    except CaptureError:
        return False


def _files_in(folder: Path) -> SessionFiles:
    return SessionFiles(folder / "client.db", folder / "stream.pscapture")

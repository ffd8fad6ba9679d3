"""How long the two files of a live connection are kept."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inspector.engine.session_files import APP_FOLDER, SessionFiles, files_in, has_frames, new_session_folder

__all__ = ["SessionFiles", "kept_session", "passing_session"]


@contextmanager
def passing_session() -> Iterator[SessionFiles]:
    """Files in a folder that goes when the demo ends."""
    with tempfile.TemporaryDirectory(prefix=f"{APP_FOLDER}-", ignore_cleanup_errors=True) as folder:
        yield files_in(Path(folder))


@contextmanager
def kept_session(address: str, database: Path | None, capture: Path | None) -> Iterator[SessionFiles]:
    """The files that the user names; those not named lie in a folder of their own under the user's data.

    Where that folder is, is said at the end; it goes if nothing was recorded.
    """
    if database is not None and capture is not None:
        yield SessionFiles(database, capture)
        return
    folder = new_session_folder(address)
    files = files_in(folder)
    used = SessionFiles(database or files.client_database, capture or files.capture)
    try:
        yield used
    finally:
        if has_frames(used.capture):
            sys.stderr.write(f"The session is kept in {folder}.\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)

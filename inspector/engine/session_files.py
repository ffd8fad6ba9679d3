"""Where the two files of a live connection lie, when nobody names others."""

import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from inspector.capture.errors import CaptureError
from inspector.engine.endpoint import host_of

APP_FOLDER = "powersync-inspector"


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """A client database and the capture of what filled it."""

    client_database: Path
    capture: Path


def files_in(folder: Path) -> SessionFiles:
    """The two files of a session that has `folder` to itself."""
    return SessionFiles(folder / "client.db", folder / "stream.pscapture")


def new_session_folder(address: str) -> Path:
    """A folder of its own for a session with the service at `address`, among the user's data."""
    name = re.sub(r"[^\w.-]+", "-", host_of(address)) or "service"
    sessions = user_data_path(APP_FOLDER) / "sessions"
    began = datetime.now().strftime("%Y-%m-%d %H.%M.%S")
    number = 1
    while True:
        folder = sessions / (f"{began} {name}" if number == 1 else f"{began} {name} {number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def forget_if_empty(folder: Path) -> bool:
    """Remove a session's folder if nothing was recorded in it; whether it went."""
    if has_frames(files_in(folder).capture):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def has_frames(capture: Path) -> bool:
    """Whether anything was recorded."""
    try:
        from inspector.capture.reader import CaptureReader  # which a name alone does not need

        with CaptureReader(capture) as reader:
            return reader.frame_count() > 0
    except CaptureError:
        return False

"""Where the two files of a live connection lie."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

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


def kept_session(address: str, database: Path | None, capture: Path | None) -> SessionFiles:
    """The files that the user names; those not named lie in a folder of their own under the user's data."""
    if database is not None and capture is not None:
        return SessionFiles(database, capture)
    name = re.sub(r"[^\w.-]+", "-", host_of(address))
    folder = user_data_path(_APP) / "sessions" / f"{datetime.now().strftime('%Y-%m-%d %H.%M.%S')} {name}"
    folder.mkdir(parents=True, exist_ok=True)
    files = _files_in(folder)
    return SessionFiles(database or files.client_database, capture or files.capture)


def _files_in(folder: Path) -> SessionFiles:
    return SessionFiles(folder / "client.db", folder / "stream.pscapture")

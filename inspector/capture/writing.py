"""Opening a capture for writing: a new file, or one to continue."""

from pathlib import Path

import apsw

from inspector.capture.errors import CaptureError
from inspector.capture.opening import OpenedCapture
from inspector.capture.outcome import Outcome
from inspector.capture.schema import APPLICATION_ID, INDEXES, PAGE_SIZE, TABLES, UPGRADES, VERSION

_BUSY_MS = 5_000

_CLOSE_WHAT_A_CRASH_LEFT = f"""
UPDATE connections SET
  ended_at = max(started_at, coalesce((SELECT max(received_at) FROM frames
    WHERE id BETWEEN connections.first_frame AND connections.first_frame + connections.frames - 1), started_at)),
  end_reason = 'The recording ended without an end of the connection.'
WHERE ended_at IS NULL;
UPDATE checkpoints SET outcome = '{Outcome.INTERRUPTED}', reason = 'The recording ended before it was complete.'
WHERE outcome = '{Outcome.RECEIVING}';
UPDATE uploads SET outcome = 'failed', answer = 'The recording ended before the answer.' WHERE outcome = 'sending';
"""


def open_for_writing(path: Path) -> apsw.Connection:
    """The only writing connection to the capture at `path`; raises CaptureError when it is no capture of ours."""
    is_new = not path.exists() or path.stat().st_size == 0
    if not is_new:
        OpenedCapture(path).close()
    try:
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(_BUSY_MS)
        if is_new:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        with connection:
            if is_new:
                connection.execute(TABLES + INDEXES)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1")
            else:
                connection.execute(_CLOSE_WHAT_A_CRASH_LEFT)
            _upgrade(connection)
    except apsw.Error as error:
        raise unwritable(path, error) from error
    return connection


def _upgrade(connection: apsw.Connection) -> None:
    present = int(connection.pragma("user_version"))
    for version, statements in UPGRADES:
        if version > present:
            connection.execute(statements)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def unwritable(path: Path, error: apsw.Error) -> CaptureError:
    """What SQLite says about writing to `path`, for people."""
    full = isinstance(error, apsw.FullError)
    return CaptureError(
        f"The capture {path.name} cannot be written.",
        why="The disk is full." if full else f"SQLite says: {error}.",
        next_step="Free space on the disk."
        if full
        else "Choose another file, or close the program that uses this one.",
    )

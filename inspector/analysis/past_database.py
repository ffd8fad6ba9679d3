"""A client database of the past, as those who look at it know it; making one is in `past_databases.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspector.store.reader import ClientDatabaseReader


@dataclass(frozen=True, slots=True)
class PastDatabase:
    """A client database as it was at `at`, ns since the Unix epoch; what is said of it is what the capture says."""

    path: Path
    at: int
    frame: int
    """The last frame that it is made of; 0: none."""
    checkpoint: int | None
    """Op id of the newest checkpoint that had come; None before the first."""
    checkpoint_id: int | None
    """Its id in the capture."""
    shown: int | None
    """Op id of the checkpoint that the tables show."""
    has_local_writes: bool
    """Whether the capture holds local writes at all: those of older inspectors do not."""
    unknown_writes: int
    """Local transactions before `at` that are not in it, because the capture does not tell what they wrote."""
    strayed_at: int | None
    """When the client first connected with other buckets than the capture explains; None: never before `at`."""


@dataclass(frozen=True, slots=True)
class SessionTables:
    """What gives a rebuilt database the tables of the session: its schema file, and the database with raw tables."""

    schema_file: Path | None = None
    database: Callable[[], ClientDatabaseReader] | None = None

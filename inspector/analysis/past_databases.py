"""Client databases as they were at moments of the past, rebuilt from a capture; the newest few are kept."""

import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import apsw

from inspector.analysis.replay import Progress, Replay, ReplayEnd, ReplayImpossible, end_at
from inspector.capture.reader import CaptureReader
from inspector.store.app_schema import AppSchema, read_schema
from inspector.store.reader import ClientDatabaseReader

_KEPT = 12
_KEPT_BYTES = 512 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class SessionTables:
    """What gives a rebuilt database the tables of the session: its schema file, and the database with raw tables."""

    schema_file: Path | None = None
    database: Callable[[], ClientDatabaseReader] | None = None


class PastDatabases:
    """Makes them in `folder`, which is the caller's to remove; used by one thread at a time, each time the same."""

    def __init__(self, capture: Path, folder: Path, tables: SessionTables) -> None:
        self._capture = CaptureReader(capture)
        self._folder, self.tables = folder, tables
        self._replay: Replay | None = None
        self._kept: OrderedDict[tuple[int, int], Path] = OrderedDict()
        self._number = 0

    def close(self) -> None:
        """Let go of all files."""
        if self._replay is not None:
            self._replay.close()
        self._capture.close()

    def at(self, moment: int, told: Progress = lambda _done, _of: True) -> PastDatabase:
        """The database of `moment`; raises ReplayImpossible, and ReplayStopped once `told` says so.

        Going forward continues the last replay; going back to a state that is kept costs nothing, any other begins
        anew.
        """
        end = end_at(self._capture, moment)
        key = end.frame, self._capture.acts.newest(moment)
        path = self._kept.get(key)
        if path is None:
            path = self._make(end, told)
            self._keep(key, path)
        self._kept.move_to_end(key)
        came = self._capture.checkpoint_of_frames(end.frame)
        shown = self._capture.shown_before(moment)
        return PastDatabase(
            path,
            moment,
            end.frame,
            came.op_id if came is not None else None,
            came.id if came is not None else None,
            shown.op_id if shown is not None else None,
            self._capture.acts.has_local_writes,
            self._capture.acts.unknown_writes(moment),
        )

    def _make(self, end: ReplayEnd, told: Progress) -> Path:
        replay = self._replay
        if replay is None or replay.at.frame > end.frame or replay.at.at > end.at:
            replay = self._begin()
        self._number += 1
        path = self._folder / f"then-{self._number}.db"
        try:
            replay.go_to(end, told)
            replay.copy_to(path)
        except apsw.Error as error:
            self._forget_replay()
            raise ReplayImpossible(
                "The data of then could not be rebuilt.",
                why=f"SQLite says: {error}.",
                next_step="Check the free space of the folder for temporary files.",
            ) from error
        return path

    def _begin(self) -> Replay:
        self._forget_replay()
        self._number += 1
        database = self._folder / f"replay-{self._number}.db"
        schema = read_schema(self.tables.schema_file) if self.tables.schema_file is not None else None
        self._replay = Replay(self._capture, database, schema, self._raw_tables(schema))
        return self._replay

    def _raw_tables(self, schema: AppSchema | None) -> tuple[str, ...]:
        """The statements that make the app's own tables."""
        if schema is None or not schema.raw_tables or self.tables.database is None:
            return ()
        reader = self.tables.database()
        try:
            return tuple(
                str(sql)
                for (sql,) in reader.sqlite.execute(
                    "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL"
                    " AND tbl_name NOT LIKE 'ps\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                    " ORDER BY type DESC"
                )
            )
        finally:
            reader.close()

    def _forget_replay(self) -> None:
        if self._replay is not None:
            replay, self._replay = self._replay, None
            replay.close()
            _remove(replay.database)

    def _keep(self, key: tuple[int, int], path: Path) -> None:
        self._kept[key] = path
        size = sum(kept.stat().st_size for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > _KEPT or size > _KEPT_BYTES):
            _, oldest = self._kept.popitem(last=False)
            size -= oldest.stat().st_size
            _remove(oldest)


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            database.with_name(database.name + suffix).unlink()

"""Client databases as they were at moments of the past, rebuilt from a capture; the newest few are kept."""

import contextlib
import time
from collections import OrderedDict
from pathlib import Path

import apsw

from inspector.analysis.past_database import PastDatabase, SessionTables
from inspector.analysis.replay import Progress, Replay, ReplayEnd, ReplayImpossible, ReplayMark, end_at
from inspector.capture.reader import CaptureReader
from inspector.store.app_schema import AppSchema, read_schema

_KEPT = 48
_KEPT_BYTES = 512 * 1024 * 1024
_MARK_SECONDS = 1.5
"""How long a replay goes on before a place to come back to is kept."""
_MARK_SHARE = 10
"""Keeping such places takes at most one part in so many of the time."""


class PastDatabases:
    """Makes them in `folder`, which is the caller's to remove; used by one thread at a time, each time the same."""

    def __init__(self, capture: Path, folder: Path, tables: SessionTables) -> None:
        self._capture = CaptureReader(capture)
        self._folder, self.tables = folder, tables
        self._replay: Replay | None = None
        self._kept: OrderedDict[tuple[int, int], ReplayMark] = OrderedDict()
        """By the last frame and the last act that are in it; the one that was used last at the end."""
        self._number = 0

    def close(self) -> None:
        """Let go of all files."""
        if self._replay is not None:
            self._replay.close()
        self._capture.close()

    def at(self, moment: int, told: Progress = lambda _done, _of: True) -> PastDatabase:
        """The database of `moment`; raises ReplayImpossible, and ReplayStopped once `told` says so.

        Going forward continues the last replay; going back to a state that is kept costs nothing, and to any other
        what there is to replay since the nearest one that is kept.
        """
        end = end_at(self._capture, moment)
        key = end.frame, self._capture.acts.newest(moment)
        if key not in self._kept:
            self._keep(key, self._make(end, told))
        self._kept.move_to_end(key)
        came = self._capture.checkpoints.of_frames_up_to(end.frame)
        shown = self._capture.checkpoints.shown_before(moment)
        return PastDatabase(
            self._kept[key].path,
            moment,
            end.frame,
            came.op_id if came is not None else None,
            came.id if came is not None else None,
            shown.op_id if shown is not None else None,
            self._capture.acts.has_local_writes,
            self._capture.acts.unknown_writes(moment),
            self._kept[key].strayed_at,
        )

    def _make(self, end: ReplayEnd, told: Progress) -> ReplayMark:
        replay = self._nearest(end)
        begun, due = time.monotonic(), _MARK_SECONDS

        def passed() -> None:
            nonlocal due
            if time.monotonic() - begun < due:
                return
            started = time.monotonic()
            at = replay.at
            self._keep((at.frame, self._capture.acts.newest(at.at)), replay.mark(self._new("mark")))
            took = time.monotonic() - started
            due = time.monotonic() - begun + max(_MARK_SECONDS, took * _MARK_SHARE)

        try:
            replay.go_to(end, told, passed)
            return replay.mark(self._new("then"))
        except apsw.Error as error:
            self._forget_replay()
            raise ReplayImpossible(
                "The data of then could not be rebuilt.",
                why=f"SQLite says: {error}.",
                next_step="Check the free space of the folder for temporary files.",
            ) from error

    def _nearest(self, end: ReplayEnd) -> Replay:
        """A replay that can go to `end`, as near before it as there is one."""
        before = [mark for mark in self._kept.values() if mark.at.frame <= end.frame and mark.at.at <= end.at]
        mark = max(before, key=lambda mark: mark.at.frame, default=None)
        replay = self._replay
        possible = replay is not None and replay.at.frame <= end.frame and replay.at.at <= end.at
        if replay is not None and possible and (mark is None or mark.at.frame <= replay.at.frame):
            return replay
        self._forget_replay()
        schema = read_schema(self.tables.schema_file) if self.tables.schema_file is not None else None
        own_tables = self._raw_tables(schema) if mark is None else ()
        self._replay = Replay(self._capture, self._new("replay"), schema, own_tables, mark)
        return self._replay

    def _new(self, name: str) -> Path:
        self._number += 1
        return self._folder / f"{name}-{self._number}.db"

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

    def _keep(self, key: tuple[int, int], mark: ReplayMark) -> None:
        self._kept[key] = mark
        size = sum(kept.path.stat().st_size for kept in self._kept.values())
        while len(self._kept) > 2 and (len(self._kept) > _KEPT or size > _KEPT_BYTES):
            _, oldest = self._kept.popitem(last=False)
            size -= oldest.path.stat().st_size
            _remove(oldest.path)


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            database.with_name(database.name + suffix).unlink()

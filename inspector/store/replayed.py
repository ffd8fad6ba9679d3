"""A client database that is rebuilt from a recording: it lives as long as somebody looks at it."""

from pathlib import Path
from typing import Self

import apsw

from inspector.store.app_schema import AppSchema
from inspector.store.database import ClientDatabase
from inspector.store.publish import set_value
from inspector.store.schema import GATE_CLOSED, TARGET_REQUEST


class ReplayedDatabase(ClientDatabase):
    """What the recording says of the client is done to it, whatever it would do by itself."""

    @classmethod
    def open(cls, path: Path | str, schema: AppSchema | None = None, *, migrate_from: int | None = None) -> Self:
        """As for a client; a crash of the machine may leave the file unusable, and nobody will look for it then."""
        database = super().open(path, schema, migrate_from=migrate_from)
        database._connection.execute("PRAGMA synchronous = OFF")
        return database

    def set_gate(self, *, closed: bool) -> None:
        """Hold downloads back, or show them from now on; then no local write waits any more."""
        if closed is (self.gate == GATE_CLOSED) and (closed or not self.pending_writes):
            return
        with self.transaction():
            if closed:
                set_value(self._connection, TARGET_REQUEST, GATE_CLOSED)
            else:
                self._connection.execute("DELETE FROM ps_crud")
                self._connection.execute("DELETE FROM ps_kv WHERE key = ?", (TARGET_REQUEST,))

    def copy_to(self, path: Path) -> None:
        """Write what is stored now to a new file."""
        self._end_first_sync()
        self.settle()
        copy = apsw.Connection(str(path))
        try:
            copy.execute("PRAGMA synchronous = OFF")
            with copy.backup("main", self._connection, "main") as backup:
                backup.step()
        finally:
            copy.close()
        self._connection.execute("PRAGMA shrink_memory")

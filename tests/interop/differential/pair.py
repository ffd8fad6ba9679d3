"""Both clients side by side: each act is done to both, then what they say and what they hold is compared.

Left out of the comparison are the ids of buckets, and local-only tables, which we keep when a schema lacks them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw
import bson

from inspector.protocol.errors import InspectorError
from inspector.store.local_write import LocalWrite
from tests.interop.differential.instructions import Clock, Instruction, compact, endings
from tests.interop.differential.native_core import NativeCore
from tests.interop.differential.our_client import OurClient

_TABLES = {
    "ps_buckets": (
        "SELECT name, last_applied_op, last_op, add_checksum, op_checksum, pending_delete, count_at_last,"
        " count_since_last, downloaded_size FROM ps_buckets"
    ),
    "ps_oplog": (
        "SELECT buckets.name, op_id, row_type, row_id, key, data, hash FROM ps_oplog AS oplog"
        " LEFT JOIN ps_buckets AS buckets ON buckets.id = oplog.bucket"
    ),
    "ps_kv": "SELECT key, CAST(value AS TEXT) FROM ps_kv WHERE key != 'client_id'",
    "ps_updated_rows": "SELECT * FROM ps_updated_rows",
    "ps_untyped": "SELECT * FROM ps_untyped",
    "ps_sync_state": "SELECT * FROM ps_sync_state",
    "ps_stream_subscriptions": "SELECT * FROM ps_stream_subscriptions",
    "ps_crud": "SELECT * FROM ps_crud",
    "ps_tx": "SELECT * FROM ps_tx",
}
_OF_THE_APP = (
    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT GLOB 'ps_data_local__*'"
    " AND (name GLOB 'ps_data__*' OR name NOT GLOB 'ps_*') AND name NOT GLOB 'sqlite_*'"
)


def _contents(connection: apsw.Connection) -> dict[str, list[str]]:
    of_the_app = [str(name) for (name,) in connection.execute(_OF_THE_APP).fetchall()]
    queries = _TABLES | {name: f'SELECT * FROM "{name}"' for name in of_the_app}
    return {name: _rows(connection, sql) for name, sql in queries.items()}


def _outcome(act: Callable[[], None]) -> list[Instruction]:
    try:
        act()
    except (apsw.Error, InspectorError) as error:
        return [("refused", str(error))]
    return []


def _rows(connection: apsw.Connection, sql: str) -> list[str]:
    try:
        return sorted(map(repr, connection.execute(sql).fetchall()))
    except apsw.SQLError as error:
        return [f"SQLite cannot show them: {error}"]
    except UnicodeDecodeError:
        # Half of a surrogate pair, escaped in JSON, comes out of it as bytes that are no text.
        names = [str(name) for name, *_ in connection.execute(sql).get_description()]
        as_bytes = ", ".join(f'hex("{name}")' for name in names)
        return sorted(map(repr, connection.execute(f"SELECT {as_bytes} FROM ({sql})").fetchall()))


def _different(theirs: list[str], ours: list[str]) -> tuple[list[str], list[str]]:
    """What only one of them has, with how often."""
    here, there = Counter(theirs), Counter(ours)
    return list((here - there).elements()), list((there - here).elements())


class Pair:
    """The native core and our client; `history` tells what was done to them."""

    def __init__(
        self,
        library: Path,
        schema: dict[str, Any],
        apps_tables: Sequence[str] = (),
        database: Path | None = None,
        *,
        checkpoint_mode: str = "legacy",
    ) -> None:
        """Both begin with a copy of `database`, or with nothing."""
        self.clock = Clock()
        self.theirs = NativeCore(library, schema, apps_tables, self.clock, database, checkpoint_mode=checkpoint_mode)
        self.ours = OurClient(schema, apps_tables, self.clock, database)
        self.is_open = False
        self.last_op = 0
        self.history: list[str] = []
        self._active: list[dict[str, Any]] = []
        self._schema = schema

    def close(self) -> None:
        self.theirs.connection.close()
        self.ours.connection.close()

    def look(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """What the official client's database holds; ours holds the same."""
        return self.theirs.connection.execute(sql, values).fetchall()

    def start(self) -> None:
        """Begin to sync, unless a stream is open."""
        if not self.is_open:
            self.is_open = True
            self._compare("start", self.theirs.start(self._active), self.ours.start())

    def stop(self) -> None:
        if self.is_open:
            self.theirs.control("stop")
            self.ours.stop()
            self.is_open = False
            self._compare("stop", [], [])

    def reopen(self) -> None:
        """The app starts anew: what it had in memory is gone."""
        self.stop()
        self._active = []
        self.ours.database.settle()
        self.ours.reopen()
        self._compare("the app starts anew", [], [])

    def line(self, line: dict[str, Any] | str, *, binary: bool = False) -> None:
        """A line of the service, as text or as a BSON document."""
        self.start()
        if binary and isinstance(line, dict):
            self.frame(f"BSON {line}", bson.encode(line), binary=True)
        else:
            text = line if isinstance(line, str) else compact(line)
            self.frame(f"line {text}", text.encode(), binary=False)

    def uploaded(self, request_id: int) -> None:
        """The upload queue is empty, and a checkpoint request stands for it."""
        if not self.look("SELECT 1 FROM ps_kv WHERE key = 'target_checkpoint_request_id'"):
            return
        self.ours.database.settle()
        for connection in (self.theirs.connection, self.ours.connection):
            connection.execute("DELETE FROM ps_crud")
            target = "UPDATE ps_kv SET value = ? WHERE key = 'target_checkpoint_request_id'"
            connection.execute(target, (request_id,))
        if self.is_open:
            self._compare(f"uploaded {request_id}", self.theirs.control("completed_upload"), self.ours.uploaded())

    def refreshed(self) -> None:
        """A new token is there."""
        if self.is_open:
            self._compare("refreshed", self.theirs.control("refreshed_token"), self.ours.refreshed())

    def subscribe(self, stream: str, params: Any, ttl: int | None, priority: int | None) -> None:
        self._active.append({"name": stream, "params": params})
        self.theirs.subscribe(stream, params, ttl, priority)
        self.ours.subscribe(stream, params, ttl, priority)
        self._tell_active(f"subscribe {stream} {params} {ttl} {priority}")

    def unsubscribe(self, stream: str, params: Any) -> None:
        self._active = [key for key in self._active if key != {"name": stream, "params": params}]
        self.theirs.unsubscribe(stream, params)
        self.ours.unsubscribe(stream, params)
        self._tell_active(f"unsubscribe {stream} {params}")

    def use_schema(self, schema: dict[str, Any]) -> None:
        """Other tables; raw ones stay, because the official client leaves rows behind in those that go."""
        schema = {**schema, "raw_tables": self._schema["raw_tables"]}
        self.stop()
        theirs = _outcome(lambda: self.theirs.use_schema(schema))
        ours = _outcome(lambda: self.ours.use_schema(schema))
        self._compare(f"schema {schema}", theirs, ours)

    def write(self, sql: str, values: tuple[Any, ...], write: LocalWrite) -> None:
        """A local write, as a statement on a view and as ours; both refuse what they cannot read of a row."""
        theirs, ours = _outcome(lambda: self.theirs.write(sql, values)), _outcome(lambda: self.ours.write(write))
        self._compare(f"{sql} {values}", theirs, ours)

    def _tell_active(self, act: str) -> None:
        """The next stream asks for them: our engine replaces an open one, as the SDKs do."""
        self._compare(act, [], [])
        self.stop()

    def frame(self, act: str, frame: bytes, *, binary: bool) -> None:
        """A line of the service as it is on the wire; `act` tells of it where it is not taken alike."""
        self.start()
        self._compare(act, self.theirs.line(frame, binary=binary), self.ours.line(frame, binary=binary))

    def _compare(self, act: str, theirs: list[Instruction], ours: list[Instruction]) -> None:
        self.history.append(act)
        story = "\n".join(self.history)
        assert endings(theirs) == endings(ours), f"{story}\ntheirs say {theirs}\nours say   {ours}"
        if self.is_open and any(kind in ("close", "error") for kind, _ in theirs):
            self.theirs.control("stop")
            self.is_open = False
        held, we_hold = _contents(self.theirs.connection), _contents(self.ours.connection)
        for name in held.keys() | we_hold.keys():
            theirs_alone, ours_alone = _different(held.get(name, []), we_hold.get(name, []))
            differing = f"{story}\n{name}\ntheirs {theirs_alone}\nours   {ours_alone}"
            assert held.get(name) == we_hold.get(name), differing

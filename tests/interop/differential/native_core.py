"""The native core of the official clients, driven by its SQL functions without an SDK around it."""

import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from tests.interop.differential.instructions import Clock, Instruction, compact

_LIBRARIES = {
    ("Linux", "x86_64"): "libpowersync_x64.linux.so",
    ("Linux", "aarch64"): "libpowersync_aarch64.linux.so",
    ("Darwin", "x86_64"): "libpowersync_x64.macos.dylib",
    ("Darwin", "arm64"): "libpowersync_aarch64.macos.dylib",
    ("Windows", "AMD64"): "powersync_x64.dll",
}


def native_library(packages: Path) -> Path | None:
    """The core among the packages of the Node client; None where there is none for this machine."""
    name = _LIBRARIES.get((platform.system(), platform.machine()))
    file = packages / "node_modules" / "@powersync" / "node" / "lib" / (name or "none")
    return file if file.exists() else None


def in_memory(database: Path | None) -> apsw.Connection:
    """A copy of `database` in memory; an empty one without it."""
    connection = apsw.Connection(":memory:")
    if database is not None:
        source = apsw.Connection(str(database))
        with connection.backup("main", source, "main") as backup:
            backup.step()
        source.close()
    return connection


def with_core(library: Path, database: Path | None = None) -> apsw.Connection:
    """A copy of `database` in memory, or an empty one, with the core's functions."""
    connection = in_memory(database)
    connection.enable_load_extension(True)
    connection.load_extension(str(library), "sqlite3_powersync_init")
    return connection


class NativeCore:
    """A client database in memory, written by the core."""

    def __init__(
        self,
        library: Path,
        schema: dict[str, Any],
        apps_tables: Sequence[str],
        clock: Clock,
        database: Path | None = None,
        *,
        checkpoint_mode: str = "legacy",
    ) -> None:
        self._checkpoint_mode = checkpoint_mode
        self.connection = with_core(library, database)
        self._run("SELECT powersync_init()")
        # Afterwards: migrations convert times by it.
        self.connection.create_scalar_function("unixepoch", lambda *_: clock.now_us / 1_000_000)
        for statement in apps_tables:
            self.connection.execute(statement)
        self._schema = schema
        self.use_schema(schema)

    def use_schema(self, schema: dict[str, Any]) -> None:
        self._run("SELECT powersync_replace_schema(?)", (json.dumps(schema),))
        self._schema = schema

    def start(self, active: Sequence[dict[str, Any]]) -> list[Instruction]:
        """`active` are the streams that this session has subscribed to: they are renewed."""
        options = {
            "parameters": {},
            "app_metadata": {},
            "active_streams": active,
            "include_defaults": True,
            "checkpoint_mode": self._checkpoint_mode,
            "schema": self._schema,
        }
        return self.control("start", compact(options)) + self.control("connection", "established")

    def line(self, frame: bytes, *, binary: bool) -> list[Instruction]:
        return self.control("line_binary", frame) if binary else self.control("line_text", frame.decode())

    def subscribe(self, stream: str, params: Any, ttl: int | None, priority: int | None) -> None:
        wanted = {"stream": {"name": stream, "params": params}, "ttl": ttl, "priority": priority}
        self.control("subscriptions", compact({"subscribe": wanted}))

    def unsubscribe(self, stream: str, params: Any) -> None:
        self.control("subscriptions", compact({"unsubscribe": {"name": stream, "params": params}}))

    def write(self, sql: str, values: tuple[Any, ...]) -> None:
        """One local transaction."""
        with self.connection:
            self.connection.execute(sql, values)

    def control(self, command: str, payload: str | bytes | None = None) -> list[Instruction]:
        try:
            ((answer,),) = self._run("SELECT powersync_control(?, ?)", (command, payload))
        except apsw.Error as error:
            return [("error", str(error))]
        return [said for instruction in json.loads(answer or "[]") for said in _said(instruction)]

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        with self.connection:
            found += self.connection.execute(sql, values)
        return found


def _said(instruction: dict[str, Any]) -> list[Instruction]:
    ((kind, content),) = instruction.items()
    match kind:
        case "EstablishSyncStream":
            return [("request", content["request"] | {"client_id": ""})]
        case "FetchCredentials":
            return [("credentials", "now" if content["did_expire"] else "soon")]
        case "CloseSyncStream":
            return [("close", None)]
        case "DidCompleteSync":
            return [("synced", None)]
        case _:
            return []

"""The recordings, replayed through framing, session and store, end in what the official client holds.

Further folders of recordings of the same layout, each with its own `expected.json`, are named in the environment
variable `INSPECTOR_CAPTURES` (paths, separated as in `PATH`).
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.engine.applier import Applier, Unobserved
from inspector.protocol.checksums import as_hex
from inspector.protocol.events import HeldBack, Mismatched, Publish, Published
from inspector.store.app_schema import AppSchema, Table
from inspector.store.database import ClientDatabase
from tests.recordings import CAPTURES, Recording, replay

FURTHER = [Path(path) for path in os.environ.get("INSPECTOR_CAPTURES", "").split(os.pathsep) if path]
ENTRIES = [
    pytest.param(folder, name, expected, id=f"{folder.name}-{name}")
    for folder in [CAPTURES, *FURTHER]
    for name, expected in json.loads((folder / "expected.json").read_text()).items()
]


class Log(Unobserved):
    """Notes failed validations in the official client's words."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def published(self, effect: Publish, outcome: Published | HeldBack | Mismatched) -> None:
        if not isinstance(outcome, Mismatched):
            return
        what = "checkpoint" if effect.priority is None else "partial checkpoint"
        failures = ", ".join(
            f"{bucket.bucket} (expected {as_hex(bucket.expected)}, got {as_hex(bucket.ours)}"
            f" = {as_hex(bucket.op_checksum)} (op) + {as_hex(bucket.add_checksum)} (add))"
            for bucket in sorted(outcome.buckets, key=lambda bucket: bucket.bucket)
        )
        self.lines.append(f"Could not apply {what}, Checksums didn't match, failed for: {failures}")


@pytest.mark.parametrize(("folder", "name", "expected"), ENTRIES)
def test_recordings(folder: Path, name: str, expected: dict[str, Any], tmp_path: Path) -> None:
    tables = AppSchema(tuple(Table(table) for table in expected["tables"]))
    database = ClientDatabase.open(tmp_path / "client.db", tables)
    log = Log()
    applier = Applier(database, observer=log)
    for recording in expected["replay"]:
        replay(applier, Recording(folder / recording))
    database.close()

    held = apsw.Connection(str(tmp_path / "client.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert log.lines == expected["log"], name
    assert {table: rows_of(held, table) for table in expected["tables"]} == expected["tables"]
    assert buckets_of(held) == expected["buckets"]


def rows_of(held: apsw.Connection, table: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    count = 0
    for row_id, data in held.execute(f'SELECT id, data FROM "ps_data__{table}" ORDER BY id'):
        digest.update(f"{row_id}\0{data}\n".encode())
        count += 1
    return {"rows": count, "sha256": digest.hexdigest()}


def buckets_of(held: apsw.Connection) -> dict[str, dict[str, int]]:
    columns = "last_op, last_applied_op, (add_checksum + op_checksum) & 0xffffffff, add_checksum, op_checksum"
    names = ("last_op", "last_applied_op", "checksum", "add_checksum", "op_checksum", "count_at_last", "oplog_rows")
    oplog_rows = "(SELECT count(*) FROM ps_oplog WHERE bucket = ps_buckets.id)"
    return {
        name: dict(zip(names, values, strict=True))
        for name, *values in held.execute(f"SELECT name, {columns}, count_at_last, {oplog_rows} FROM ps_buckets")
    }

"""Client databases of older schema versions: our migration beside the official client's own."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from inspector.store.continuing import prepare_to_continue
from tests.interop.client_files import buckets, layout, positions, request_ids, rows_in, synced_rows
from tests.interop.official_client import official_client
from tests.recorded_history import LAST_OP, history_service
from tests.store.database_files import VERSIONS, copy_to, version

SCHEMA: dict[str, Any] = {
    "tables": [
        {"name": "lists", "columns": [{"name": name, "type": "text"} for name in ("name", "owner_id", "created_at")]},
        {
            "name": "todos",
            "columns": [
                {"name": "list_id", "type": "text"},
                {"name": "description", "type": "text"},
                {"name": "completed", "type": "integer"},
                {"name": "photo_size", "type": "integer"},
                {"name": "rating", "type": "real"},
                {"name": "created_at", "type": "text"},
            ],
        },
    ]
}
OLDER = [name for name in sorted(VERSIONS) if name != "v14.db"]
TABLES = (
    "ps_crud",
    "ps_tx",
    "ps_untyped",
    "ps_oplog",
    "ps_updated_rows",
    "ps_sync_state",
    "ps_stream_subscriptions",
    "ps_migration",
    "ps_data__lists",
    "ps_data__todos",
)


@pytest.mark.parametrize("name", OLDER)
def test_our_migration_leaves_what_the_official_one_leaves(tmp_path: Path, client_script: Path, name: str) -> None:
    ours, theirs = (copy_to(tmp_path, version(name), file) for file in ("ours.db", "theirs.db"))
    prepare_to_continue(ours, copies=tmp_path, in_place=True)
    with official_client(client_script, theirs, SCHEMA) as client:
        client.close()
    for table in TABLES:
        assert content(ours, table) == content(theirs, table), table
    assert buckets(ours) == buckets(theirs)
    assert request_ids(ours) == request_ids(theirs)
    with official_client(client_script, ours, SCHEMA) as client:
        client.close()
    assert layout(ours) == layout(theirs)
    assert rows_in(ours, "PRAGMA integrity_check") == [("ok",)]


def content(file: Path, table: str) -> list[str]:
    return sorted(map(repr, rows_in(file, f"SELECT * FROM {table}")))


@pytest.mark.parametrize("name", ["v01.db", "v05.db", "v13.db"])
def test_the_official_client_continues_a_file_that_we_have_migrated(
    tmp_path: Path, client_script: Path, name: str
) -> None:
    continued = prepare_to_continue(copy_to(tmp_path, version(name)), copies=tmp_path).path
    kept = shutil.copyfile(continued, tmp_path / "kept.db")
    with history_service() as service, official_client(client_script, continued, SCHEMA) as client:
        client.connect(service.endpoint, "a.b.c", backend="http://127.0.0.1:9/nobody-listens")
        client.do("upload_fails")
        client.do("status", fields={"connected": True})
        client.close()
    asked = {bucket["name"]: bucket["after"] for bucket in service.requests[0]["buckets"]}
    assert asked == positions(kept)
    assert set(asked.values()) == {str(LAST_OP)}
    assert sum(service.sent) == 0
    assert content(continued, "ps_crud") == content(kept, "ps_crud")
    assert synced_rows(continued) == synced_rows(kept)

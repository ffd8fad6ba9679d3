"""Whatever happens on the way, a client ends with what a fresh one would be given, plus its own pending writes.

`CONVERGENCE_EXAMPLES` says how many random histories are played (1,000 by default).
"""

import os
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inspector.store import database as database_module
from tests.convergence.client import Client
from tests.convergence.model_service import ModelService

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Thousands of small databases: where the system has a file system in memory, they do not wait for a disk."""
EXAMPLES = int(os.environ.get("CONVERGENCE_EXAMPLES", "1000"))

rows = st.sampled_from(["r1", "r2", "r3", "r4"])
values = st.integers(0, 9)
changes = st.one_of(
    st.tuples(st.just("put"), rows, values, st.frozensets(st.sampled_from("abcd"), max_size=3)),
    st.tuples(st.just("remove"), rows),
    st.tuples(st.just("compact"), st.sampled_from("abcd")),
    st.tuples(st.just("touch")),
    st.tuples(st.just("replicate")),
)
steps = st.one_of(
    changes,
    changes,
    st.tuples(st.just("write"), st.sampled_from(["PUT", "PATCH", "PATCH", "DELETE"]), rows, values),
    st.tuples(st.just("upload"), st.booleans()),
    st.tuples(
        st.just("stream"),
        st.integers(0, 2**16),
        st.lists(changes, max_size=2),
        st.one_of(st.none(), st.integers(1, 3000)),
        st.integers(-40, 12),
    ),
    st.tuples(st.just("kill")),
)


def change(service: ModelService, kind: str, *details: Any) -> None:
    match kind:
        case "put":
            row, value, buckets = details
            service.put(row, {"v": value}, buckets)
        case "remove":
            service.delete(details[0])
        case "compact":
            service.compact(details[0])
        case "touch":
            service.touch()
        case "replicate":
            service.replicate()


def play(client: Client, service: ModelService, step: tuple[Any, ...]) -> None:
    kind, *details = step
    match kind:
        case "write":
            client.write(*details)
        case "upload":
            client.upload(killed_before_completing=details[0])
        case "stream":
            seed, later, cut_after, doubled = details
            meanwhile = [lambda one=one: change(service, *one) for one in later]
            client.sync(Random(seed), meanwhile, cut_after=cut_after, doubled=doubled)
        case "kill":
            client.kill()
        case _:
            change(service, kind, *details)


def assert_same(client: Client, service: ModelService) -> None:
    connection = client.database._connection
    wanted = {row: {"id": row, **data} for row, (data, _) in service.rows.items()}
    assert client.rows() == wanted
    for name, add_checksum, op_checksum in connection.execute("SELECT name, add_checksum, op_checksum FROM ps_buckets"):
        assert (add_checksum + op_checksum) % 2**32 == service.checksum_of(str(name))
    hashes = connection.execute(
        "SELECT op_checksum, (SELECT coalesce(sum(hash), 0) FROM ps_oplog WHERE bucket = ps_buckets.id) & 0xffffffff"
        " FROM ps_buckets"
    )
    assert all(stored == computed for stored, computed in hashes)
    assert connection.execute("SELECT * FROM ps_updated_rows").fetchall() == []
    assert connection.execute("SELECT * FROM ps_buckets WHERE last_applied_op != last_op").fetchall() == []


def play_to_the_end(script: list[tuple[Any, ...]], seed: int, folder: Path) -> None:
    random, service = Random(seed), ModelService()
    client = Client(folder, service)
    for step in script:
        play(client, service, step)
        client.assert_own_writes_are_shown()
    client.sync_until_in_order(random)
    client.assert_own_writes_are_shown()
    client.upload()
    client.sync_until_in_order(random)
    client.assert_own_writes_are_shown()
    service.replicate()
    client.sync_until_in_order(random)
    assert_same(client, service)
    assert {serial for serial in client.written if serial} <= set(service.received)
    client.close()

    fresh = Client(folder / "fresh", service)
    fresh.sync_until_in_order(random)
    assert_same(fresh, service)
    fresh.close()


@pytest.mark.parametrize("at_once", [False, True], ids=["with-indexes", "first-sync-without"])
@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(st.lists(steps, max_size=12), st.integers(0, 2**16))
def test_a_client_converges(at_once: bool, script: list[tuple[Any, ...]], seed: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        (Path(folder) / "fresh").mkdir()
        monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
        play_to_the_end(script, seed, Path(folder))

"""Starting, stopping and starting again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import httpx
import msgspec
import pytest

from inspector.service.errors import ServiceError
from inspector.service.notices import notices
from inspector.service.options import Ready, ServiceOptions
from inspector.service.run import RunningService
from tests.running_service import running_service
from tests.service.streaming import FULL_REQUEST, first_sync, positions

STOP_SECONDS = 20


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Ready]]:
    """`python -m inspector.service` on a free port, with what it printed."""
    with subprocess.Popen(
        [sys.executable, "-m", "inspector.service", "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as started:
        assert started.stdout is not None
        try:
            yield started, msgspec.json.decode(started.stdout.readline(), type=Ready)
        finally:
            started.kill()


def test_the_command_prints_where_it_answers_and_stops_when_its_parent_goes() -> None:
    with process("--stop-with-parent", "--no-writer") as (started, ready):
        assert ready.users == ("alice", "bob")
        assert httpx.get(f"{ready.endpoint}/probes/liveness").json()["ready"]
        assert started.stdin is not None
        started.stdin.close()
        assert started.wait(STOP_SECONDS) == 0
        assert started.stderr is not None
        assert started.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_open_streams_and_the_process(number: signal.Signals) -> None:
    with process() as (started, ready):
        token = httpx.get(f"{ready.endpoint}/api/credentials?user=alice").json()["token"]
        authorization = {"Authorization": f"Token {token}", "Accept-Encoding": "gzip"}
        url = f"{ready.endpoint}/sync/stream"
        with httpx.stream("POST", url, json={}, headers=authorization, timeout=STOP_SECONDS) as answer:
            lines = answer.iter_lines()
            assert next(lines).startswith('{"checkpoint"')
            started.send_signal(number)
            assert list(lines)[-1].endswith("}")
        assert started.wait(STOP_SECONDS) == 0


def test_a_second_instance_on_the_port_says_what_to_do() -> None:
    with running_service() as service:
        port = int(service.endpoint.rpartition(":")[2])
        with pytest.raises(ServiceError) as refused:
            RunningService(ServiceOptions(port=port))
        assert str(refused.value) == (
            f"The service cannot listen on port {port} of 127.0.0.1. "
            "Another program, perhaps a second instance of this service, has the port. "
            "Stop that one, or choose another port with --port (0 takes any free one)."
        )
        ended = subprocess.run(
            [sys.executable, "-m", "inspector.service", "--port", str(port)], capture_output=True, check=False
        )
        assert (ended.returncode, ended.stdout) == (1, b"")
        assert ended.stderr.decode() == f"{refused.value}\n"


@pytest.mark.parametrize("options", [ServiceOptions(port=70_000), ServiceOptions(host="203.0.113.1", port=0)])
def test_an_address_that_cannot_be_had_is_said_so(options: ServiceOptions) -> None:
    with pytest.raises(ServiceError, match=f"cannot listen on port {options.port} of {options.host}"):
        RunningService(options)


def test_it_listens_on_loopback_only_unless_told_otherwise() -> None:
    assert ServiceOptions().host == "127.0.0.1"
    service = RunningService(ServiceOptions(port=0))
    try:
        address = socket.gethostbyname(socket.gethostname())
        assert service.endpoint.startswith("http://127.0.0.1:")
        port = int(service.endpoint.rpartition(":")[2])
        if not address.startswith("127."):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((address, port), timeout=STOP_SECONDS)
    finally:
        service.close()


def test_a_host_that_others_reach_is_warned_of() -> None:
    assert notices(ServiceOptions()) == []
    (warning,) = notices(ServiceOptions(host="0.0.0.0"))
    assert warning.startswith("WARNING: this service listens on 0.0.0.0, so other machines reach it. Whoever does gets")
    assert "use a real PowerSync deployment" in warning


def test_what_a_storage_holds_survives_a_restart(tmp_path: Path) -> None:
    storage = tmp_path / "service.db"
    with running_service(storage=storage) as service:
        service.put("notes", "note-x", owner_id="alice", body="kept")
        url = f"{service.endpoint}/sync/checkpoint-request"
        body = {"client_id": "client-1", "checkpoint_request_id": "7"}
        httpx.post(url, json=body, headers=service.authorization()).raise_for_status()
        before = first_sync(service)
    with running_service(storage=storage, seed=2) as service:
        assert first_sync(service) == before
        service.patch("notes", "note-x", body="changed")
        after = first_sync(service, {**FULL_REQUEST, "buckets": positions(before)})
    (line,) = (line["data"] for line in after if "data" in line)
    assert int(line["data"][0]["op_id"]) == int(before[0]["checkpoint"]["last_op_id"]) + 1
    assert after[0]["checkpoint"]["write_checkpoint"] == "7"


def test_a_storage_in_use_is_left_alone(tmp_path: Path) -> None:
    storage = tmp_path / "service.db"
    with running_service(storage=storage), pytest.raises(ServiceError, match="is in use"):
        RunningService(ServiceOptions(port=0, storage=storage))


def test_a_file_that_is_no_storage_is_left_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = apsw.Connection(str(other))
    connection.execute("CREATE TABLE mine(id)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("no database at all, but long enough to be looked at by SQLite" * 20)
    for path in (other, text):
        content = path.read_bytes()
        with pytest.raises(ServiceError, match=os.path.basename(path)):
            RunningService(ServiceOptions(port=0, storage=path))
        assert path.read_bytes() == content


def test_a_client_that_goes_away_or_does_not_read_leaves_no_trace() -> None:
    with process("--stop-with-parent") as (started, ready):
        token = httpx.get(f"{ready.endpoint}/api/credentials?user=alice").json()["token"]
        address = ("127.0.0.1", int(ready.endpoint.rpartition(":")[2]))
        # More than what sockets take without a reader.
        big = [
            {"op": "PUT", "type": "notes", "id": f"n-{number}", "data": {"body": "x" * 10**6}} for number in range(12)
        ]
        authorization = {"Authorization": f"Token {token}"}
        httpx.post(f"{ready.endpoint}/api/data", json={"batch": big}, headers=authorization).raise_for_status()
        start = f"HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nContent-Type: application/json"
        start += "\r\nContent-Length:"
        with socket.create_connection(address) as half_an_upload:
            half_an_upload.sendall(f"POST /api/data {start} 100\r\n\r\n{{".encode())
        with socket.create_connection(address) as not_reading:
            not_reading.sendall(f"POST /sync/stream {start} 2\r\n\r\n{{}}".encode())
            assert not_reading.recv(12) == b"HTTP/1.1 200"
            assert started.stdin is not None
            started.stdin.close()
            assert started.wait(STOP_SECONDS) == 0
        assert started.stderr is not None
        assert started.stderr.read() == b""

"""What tests start in the place of the program is as good as the program."""

import os
import signal
import socket
import subprocess
from functools import partial
from pathlib import Path

import msgspec
import pytest

from inspector.engine.control import Farewell, Hello, Notice, Shutdown, Start, StaticToken
from tests.engine.conditions import until
from tests.engine.running_engine import running_engine, token
from tests.nursery.forked import POSSIBLE, engine_command, run_inspector

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="processes are forked on Linux only")
decoder = msgspec.json.Decoder(Notice)


def order(folder: Path) -> bytes:
    files = (str(folder / "client.db"), str(folder / "stream.pscapture"))
    return msgspec.json.encode(Start("http://127.0.0.1:9", StaticToken(token()), *files, connect=False)) + b"\n"


def _is_gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


def test_two_engines_are_two_processes_in_the_folder_they_were_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    with (
        running_engine("http://127.0.0.1:9", tmp_path / "1", connect=False) as one,
        running_engine("http://127.0.0.1:9", tmp_path / "2", connect=False) as other,
    ):
        one.wait(lambda _: True)
        other.wait(lambda _: True)
        assert one.hello is not None
        assert other.hello is not None
        assert (one.hello.pid, other.hello.pid) == (one.process.pid, other.process.pid)
        assert len({one.process.pid, other.process.pid, os.getpid()}) == 3
        assert os.readlink(f"/proc/{one.process.pid}/cwd") == str(tmp_path)


def test_the_stand_in_ends_as_its_engine_does_and_takes_it_along(tmp_path: Path) -> None:
    process = subprocess.Popen(engine_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    said, _ = process.communicate(order(tmp_path) + msgspec.json.encode(Shutdown()) + b"\n", timeout=30)
    notices = [decoder.decode(line) for line in said.splitlines()]
    assert isinstance(notices[0], Hello)
    assert isinstance(notices[-1], Farewell)
    assert process.returncode == 0

    for killed in ("stand-in", "engine"):
        process = subprocess.Popen(engine_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout:
            process.stdin.write(order(tmp_path))
            process.stdin.flush()
            hello = decoder.decode(process.stdout.readline())
            assert isinstance(hello, Hello)
            os.kill(hello.pid if killed == "engine" else process.pid, signal.SIGKILL)
            assert process.wait(30) == -signal.SIGKILL
            until(partial(_is_gone, hello.pid))


def test_one_that_asks_and_goes_away_keeps_no_other_from_starting(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(engine_command()[-1])
    with running_engine("http://127.0.0.1:9", tmp_path, connect=False) as engine:
        engine.wait(lambda _: True)


def test_the_command_has_its_own_arguments_environment_and_outputs(tmp_path: Path) -> None:
    for name in ("INSPECTOR_TOKEN", "NOTHING"):
        done = run_inspector(["connect", "http://127.0.0.1:9", "--headless"], {"HOME": str(tmp_path), name: "x"}, 60)
        assert done.returncode == 1
        assert done.stdout == ""
        assert ("The token is no JSON web token." in done.stderr) == (name == "INSPECTOR_TOKEN")

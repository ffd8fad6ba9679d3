"""The command line without a window, as a person or a script meets it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.capture.reader import CaptureReader
from tests.capture.recording import record_to
from tests.engine.running_engine import token
from tests.nursery.forked import run_inspector
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson")


def inspector(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return run_inspector(arguments, {**os.environ, **variables}, 60)


def connect(endpoint: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Connect with a token, into files in `folder`."""
    files = ("--database", str(folder / "client.db"), "--capture", str(folder / "stream.pscapture"))
    return inspector("connect", endpoint, "--token", token(), "--headless", *files, *arguments)


def test_until_synced_prints_one_line_a_frame_and_ends(tmp_path: Path) -> None:
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        done = connect(service.endpoint, tmp_path, "--until-synced")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert '1#my_lists|0["user-1"]' in lines[1]
    assert "4 PUT in lists" in lines[1]
    with CaptureReader(tmp_path / "stream.pscapture") as capture:
        assert capture.frame_count() == 10


def test_json_lines_hold_the_frames_columns(tmp_path: Path) -> None:
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        done = connect(service.endpoint, tmp_path, "--until-synced", "--json")
    frames = [json.loads(line) for line in done.stdout.splitlines()]
    assert [frame["kind"] for frame in frames[:3]] == ["checkpoint", "data", "partial_checkpoint_complete"]
    assert frames[-1]["outcome"] == "applied"
    assert sum(frame["puts"] for frame in frames) == 564


def test_following_goes_on_after_the_sync_until_it_is_interrupted(tmp_path: Path) -> None:
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        files = ("--database", str(tmp_path / "client.db"), "--capture", str(tmp_path / "stream.pscapture"))
        command = [sys.executable, "-m", "inspector", "connect", service.endpoint, "--headless", *files]
        variables = {**os.environ, "INSPECTOR_TOKEN": token()}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "checkpoint_complete" in line and "partial" not in line:
                    break
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(b"<html>", content_type="text/html"), "The endpoint is no PowerSync service."),
        (Answer(b"garbage\n"), "A line of the stream cannot be read"),
        (Answer(INITIAL.raw_body[:3000]), "The stream ended in the middle of a line"),
        (Answer(b"", 401, "application/json"), "The service refuses the token."),
    ],
    ids=["no-service", "garbage", "truncated", "refused"],
)
@pytest.mark.parametrize("option", ["--until-synced", "--json"])
def test_what_keeps_it_from_syncing_is_one_sentence_and_an_exit_code(
    tmp_path: Path, answer: Answer, sentence: str, option: str
) -> None:
    with scripted_service(answer) as service:
        done = connect(service.endpoint, tmp_path, option)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


def test_an_unreachable_endpoint_is_said_with_the_next_step(tmp_path: Path) -> None:
    done = connect("http://127.0.0.1:1", tmp_path)
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "Check the endpoint" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("connect", "localhost:8080", "--token", "a.b.c", "--headless"), "is no web address"),
        (("connect", "http://user:pass@127.0.0.1:1", "--token", "a.b.c", "--headless"), "a user name or a password"),
        (("connect", "http://127.0.0.1:1", "--headless"), "The service needs a token."),
        (("connect", "http://127.0.0.1:1", "--token", "x", "--token-file", "y", "--headless"), "More than one source"),
        (("connect", "http://127.0.0.1:1", "--token", "x", "--headless"), "The token is no JSON web token."),
        (("connect", "http://127.0.0.1:1", "--token-file", "missing", "--headless"), "The token file missing cannot"),
        (("connect", "http://127.0.0.1:1", "--token-command", "exit 3", "--headless"), "failed with exit code 3"),
        (("connect", "http://127.0.0.1:1", "--token", "a.b.c", "--parameters", "[", "--headless"), "no JSON object"),
        (("connect", "http://127.0.0.1:1", "--token", "a.b.c", "--json"), "belong to --headless"),
    ],
)
def test_bad_options_are_one_sentence_without_the_secret(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = inspector(*arguments, XDG_DATA_HOME=str(tmp_path), INSPECTOR_TOKEN="")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "pass@" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_session_without_named_files_is_kept_and_its_place_said_or_goes_if_it_recorded_nothing(
    tmp_path: Path,
) -> None:
    sessions = tmp_path / "powersync-inspector" / "sessions"
    token_file = tmp_path / "token"
    token_file.write_text(token())
    options = ("--token-file", str(token_file), "--headless", "--until-synced")
    inspector("connect", "http://127.0.0.1:1", *options, XDG_DATA_HOME=str(tmp_path))
    assert list(sessions.iterdir()) == []
    with scripted_service(Answer(INITIAL.raw_body, hold=True)) as service:
        done = inspector("connect", service.endpoint, *options, XDG_DATA_HOME=str(tmp_path))
    (kept,) = sessions.iterdir()
    assert f"The session is kept in {kept}." in done.stderr
    assert sorted(file.name for file in kept.iterdir()) == ["client.db", "stream.pscapture"]


def test_local_writes_in_the_database_hold_the_sync_back_and_it_says_so(tmp_path: Path) -> None:
    held = CAPTURES.parent / "databases" / "states" / "held-by-uploads.db"
    (tmp_path / "client.db").write_bytes(held.read_bytes())
    current = Recording(CAPTURES / "no-defaults")
    with scripted_service(Answer(current.raw_body, hold=True)) as service:
        done = connect(service.endpoint, tmp_path, "--until-synced")
    assert done.returncode == 1
    assert "Downloads are held back. 1 local write is not uploaded." in done.stderr


def test_a_reader_that_goes_away_ends_the_following_quietly(tmp_path: Path) -> None:
    keepalives = b'{"token_expires_in":3000}\n' * 5000
    with scripted_service(Answer(INITIAL.raw_body + keepalives, hold=True)) as service:
        files = f"--database '{tmp_path}/client.db' --capture '{tmp_path}/stream.pscapture'"
        command = f"'{sys.executable}' -m inspector connect {service.endpoint} --headless {files} | head -1"
        done = subprocess.run(
            command,
            shell=True,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "INSPECTOR_TOKEN": token()},
            check=False,
        )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_the_engine_tells_the_schema_of_its_channel() -> None:
    done = inspector("engine", "--schema")
    schema = json.loads(done.stdout)
    commands = {choice["$ref"].rpartition("/")[2] for choice in schema["commands"]["anyOf"]}
    assert {"Start", "Write", "Upload", "Discard", "Subscribe", "SetOffline", "Shutdown"} <= commands
    assert schema["$defs"]["Write"]["properties"]["type"] == {"enum": ["write"]}
    assert schema["version"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("demo", "--theme", "blue"), "There is no theme “blue”. Choose dark, light or system."),
        (("demo", "--user", "carol", "--headless"), "The demo has no user “carol”. Choose alice or bob."),
        (("connect", "sync.example.com:8080", "--token", "x"), "Write it like https://sync.example.com:8080."),
        (("connect", "localhost:8080", "--token", "x"), "Write it like http://localhost:8080."),
    ],
)
def test_a_wrong_argument_is_told_in_a_sentence_that_says_what_to_write(arguments: tuple[str, ...], said: str) -> None:
    done = inspector(*arguments)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith(said)
    assert "Traceback" not in done.stderr


def test_an_export_of_nothing_says_so_beside_the_output(tmp_path: Path) -> None:
    capture = record_to(tmp_path / "stream.pscapture", "initial-ndjson")
    done = inspector("export", str(capture), "--filter", "ops > 99999")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No frame meets the filter.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--filter", "ops > 99999"), "No frame meets the filter: {} was written without one."),
        ((), "10 frames written to {}."),
        (("--between",), "10 frames and 2 rows of what stands between frames written to {}."),
    ],
)
def test_an_export_to_a_file_says_what_was_written(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    capture, output = record_to(tmp_path / "stream.pscapture", "initial-ndjson"), tmp_path / "frames.csv"
    done = inspector("export", str(capture), "--output", str(output), *arguments)
    assert (done.returncode, done.stderr.strip()) == (0, said.format(output))
    assert output.exists()

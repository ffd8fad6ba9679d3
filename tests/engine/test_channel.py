"""The control channel: notices are throttled, a reader that does not read stops nothing, and scripts can rely on it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from inspector.engine.channel import NoticeWriter, channel_schema
from inspector.engine.control import (
    VERSION,
    Answer,
    Command,
    Farewell,
    Hello,
    Notice,
    Shutdown,
    Start,
    StaticToken,
    Status,
)
from tests.engine.conditions import until
from tests.engine.running_engine import COMMAND, running_engine, token
from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer as HttpAnswer
from tests.scripted_service import scripted_service

INITIAL = Recording(CAPTURES / "initial-ndjson").raw_body
decoder = msgspec.json.Decoder(Notice)


def test_no_more_than_twenty_statuses_a_second_are_sent(tmp_path: Path) -> None:
    keepalives = b"".join(b'{"token_expires_in":%d}\n' % (1000 + number) for number in range(20_000))
    with (
        scripted_service(HttpAnswer(INITIAL + keepalives, hold=True)) as service,
        running_engine(service.endpoint, tmp_path) as engine,
    ):
        began = time.monotonic()
        engine.wait(lambda status: status.frames >= 20_010)
        took = time.monotonic() - began
        assert len(engine.statuses) <= 21 * took + 10


def test_a_reader_that_does_not_read_gets_the_newest_status_and_every_answer(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    pipe = os.fdopen(writing, "wb")
    notices = NoticeWriter(pipe)
    padding = "x" * 5_000
    for number in range(2_000):
        notices.send_status(Status(frames=number, user_id=padding))
        if number % 500 == 0:
            notices.send(Answer(number, ok=True))

    def close() -> None:
        notices.send(Farewell())
        notices.close()

    closing = threading.Thread(target=close)
    closing.start()
    with os.fdopen(reading, "rb") as lines:
        got = []
        for line in lines:
            got.append(decoder.decode(line))
            if isinstance(got[-1], Farewell):
                break
    closing.join()
    pipe.close()
    statuses = [notice for notice in got if isinstance(notice, Status)]
    assert len(statuses) < 100
    assert [status.frames for status in statuses] == sorted(status.frames for status in statuses)
    assert statuses[-1].frames == 1_999
    assert [notice.id for notice in got if isinstance(notice, Answer)] == [0, 500, 1_000, 1_500]


def test_a_sync_goes_on_while_nobody_reads_its_notices(tmp_path: Path) -> None:
    capture = tmp_path / "stream.pscapture"
    keepalives = b'{"token_expires_in":1000}\n' * 200
    with scripted_service(HttpAnswer(INITIAL + keepalives)) as service:  # ends, and is opened again, without end
        start = Start(service.endpoint, StaticToken(token()), str(tmp_path / "client.db"), str(capture))
        engine = subprocess.Popen(
            [sys.executable, "-m", "inspector", "engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert engine.stdin is not None
        assert engine.stdout is not None
        with engine.stdin, engine.stdout:
            engine.stdin.write(msgspec.json.encode(start) + b"\n")
            engine.stdin.flush()
            until(lambda: len(service.requests) >= 5)
            engine.stdin.write(msgspec.json.encode(Shutdown()) + b"\n")
            engine.stdin.flush()
            assert engine.wait(20) == 0
            assert json.loads(engine.stdout.readline())["type"] == "hello"


@pytest.mark.parametrize("direction", ["commands", "notices"])
def test_everything_that_is_sent_is_in_the_schema(direction: str) -> None:
    schema = channel_schema()
    assert schema["version"] == VERSION
    named = {choice["$ref"].rpartition("/")[2] for choice in schema[direction]["anyOf"]}
    structs = (Command if direction == "commands" else Notice).__args__
    assert named == {struct.__name__ for struct in structs}
    for struct in structs:
        described = schema["$defs"][struct.__name__]
        assert described["description"]
        assert set(struct.__struct_encode_fields__) <= described["properties"].keys()


def test_the_first_line_says_the_version_and_where_the_files_are(tmp_path: Path) -> None:
    with (
        scripted_service(HttpAnswer(INITIAL, hold=True)) as service,
        running_engine(service.endpoint, tmp_path, command=COMMAND) as engine,
    ):
        engine.wait(lambda status: status.shown_checkpoint)
        assert isinstance(engine.hello, Hello)
        assert engine.hello.version == VERSION
        assert engine.hello.pid == engine.process.pid
        assert Path(engine.hello.capture) == tmp_path / "stream.pscapture"

"""Exports as other programs read them."""

import base64
import csv
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import bson
import pytest

from inspector.capture.annotations import Annotation
from inspector.capture.errors import CaptureError
from inspector.capture.export import ExportFormat, export_frames, export_to
from inspector.capture.export.as_curl import as_curl
from inspector.capture.export.exporting import Cancelled
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import decode_line
from tests.capture.recording import record_to


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A connection in NDJSON and one in BSON."""
    return record_to(tmp_path_factory.mktemp("export") / "both.pscapture", "initial-ndjson", "initial-bson")


def exported(capture: Path, form: ExportFormat, frames: list[int], notes: dict[int, Annotation] | None = None) -> str:
    output = io.BytesIO()
    with CaptureReader(capture) as reader:
        assert export_frames(reader, frames, form, output, annotations=notes or {}) == len(frames)
    return output.getvalue().decode()


def test_ndjson_has_each_line_as_it_was_sent_and_what_is_known_of_it(capture: Path) -> None:
    notes = {2: Annotation(True, "The lists.")}
    objects = [json.loads(line) for line in exported(capture, ExportFormat.NDJSON, [1, 2, 3, 12], notes).splitlines()]
    with CaptureReader(capture) as reader:
        second = reader.frame(2)
    assert second is not None
    assert objects[1]["line"] == json.loads(second.body)
    assert objects[1]["puts"] == 4
    assert objects[1]["comment"] == "The lists."
    assert objects[0]["received_at"].endswith("Z")
    assert "puts" not in objects[0]
    assert list(objects[3]["line"]) == ["data"]  # was BSON


def test_a_body_that_is_no_document_is_exported_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "broken.pscapture"
    with CaptureWriter(path) as writer:
        connection = writer.open_connection("http://localhost", b"{}")
        writer.response(connection, 200, [], FrameFormat.NDJSON)
        for body in (b'{"a":NaN}', b"\xff\xfe"):
            writer.frame(connection, body, None, error="The line is not JSON.")
    objects = [json.loads(line) for line in exported(path, ExportFormat.NDJSON, [1, 2]).splitlines()]
    assert [base64.b64decode(item["body_base64"]) for item in objects] == [b'{"a":NaN}', b"\xff\xfe"]


def test_csv_has_one_row_a_frame_and_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "names.pscapture"
    body = b'{"data":{"bucket":"=cmd()|0[]","data":[]}}'
    with CaptureWriter(path) as writer:
        connection = writer.open_connection("http://localhost", b"{}")
        writer.response(connection, 200, [], FrameFormat.NDJSON)
        writer.frame(connection, body, decode_line(body, FrameFormat.NDJSON))
        keepalive = b'{"token_expires_in":5}'
        writer.frame(connection, keepalive, decode_line(keepalive, FrameFormat.NDJSON))
    text = exported(path, ExportFormat.CSV, [1, 2], {2: Annotation(True, 'says "hello",\nand more')})
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["bucket"] == "'=cmd()|0[]"
    assert rows[0]["operations"] == "0"
    assert rows[1]["operations"] == ""
    assert rows[1]["comment"] == 'says "hello",\nand more'
    assert float(rows[1]["since_previous_s"]) >= 0


def test_har_has_one_entry_a_connection_with_the_content_that_was_sent(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        frames = list(reader.bodies())
    archive = json.loads(exported(capture, ExportFormat.HAR, [frame.row.id for frame in frames]))["log"]
    first, second = archive["entries"]
    assert archive["version"] == "1.2"
    assert first["request"]["url"] == "http://localhost:8080/sync/stream"
    assert json.loads(first["request"]["postData"]["text"])["raw_data"] is True
    sent = b"".join(frame.body + b"\n" for frame in frames if frame.row.connection == 1)
    assert first["response"]["content"]["text"].encode() == sent
    assert first["response"]["content"]["size"] == len(first["response"]["content"]["text"].encode())
    body = base64.b64decode(second["response"]["content"]["text"])
    assert body == b"".join(frame.body for frame in frames if frame.row.connection == 2)
    assert len(bson.decode_all(body)) == len(second["_frames"])
    for entry in archive["entries"]:
        assert entry["time"] >= 0
        assert {"send", "wait", "receive"} == entry["timings"].keys()
        assert "comment" not in entry


def test_har_says_that_it_has_some_frames_only(capture: Path) -> None:
    (entry,) = json.loads(exported(capture, ExportFormat.HAR, [2, 3]))["log"]["entries"]
    assert entry["comment"] == "2 of the 10 frames of this answer"


def test_curl_asks_for_the_same_stream_and_has_no_token(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        connection = reader.connection(1)
    assert connection is not None
    words = shlex.split(as_curl(connection).replace("\\\n", " "))
    assert words[0] == "curl"
    assert "http://localhost:8080/sync/stream" in words
    assert json.loads(words[words.index("--data-raw") + 1]) == json.loads(connection.request)
    assert "Authorization: Token $POWERSYNC_TOKEN" in words


def test_curl_has_the_token_when_it_is_given(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        connection = reader.connection(1)
    assert connection is not None
    words = shlex.split(as_curl(connection, "a.b.c").replace("\\\n", " "))
    assert "Authorization: Token a.b.c" in words


def test_a_cancelled_or_failed_export_leaves_nothing(capture: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.ndjson"
    with CaptureReader(capture) as reader:
        with pytest.raises(Cancelled):
            export_to(target, reader, [1, 2, 3], ExportFormat.NDJSON, annotations={}, wanted=lambda _: False)
        with pytest.raises(CaptureError, match="cannot be written"):
            export_to(tmp_path / "no" / "such", reader, [1], ExportFormat.NDJSON, annotations={})
        assert list(tmp_path.iterdir()) == []
        assert export_to(target, reader, [1, 2, 3], ExportFormat.NDJSON, annotations={}) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out.ndjson"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "inspector", "export", *arguments], capture_output=True, text=True)


def test_the_command_exports_what_meets_a_filter(capture: Path, tmp_path: Path) -> None:
    done = run(str(capture), "--filter", "kind == data and type == lists")
    assert done.returncode == 0
    assert {json.loads(line)["row_types"] for line in done.stdout.splitlines()} == {"lists"}
    done = run(str(capture), "--filter", "frame <= 5", "--output", str(tmp_path / "five.csv"))
    assert done.returncode == 0
    assert done.stderr.startswith("5 frames written to")
    assert (tmp_path / "five.csv").read_text().startswith("frame,received_at,")


def test_the_command_says_what_is_wrong(capture: Path) -> None:
    done = run(str(capture), "--filter", "kidn == data")
    assert done.returncode == 1
    assert done.stderr.startswith("“kidn” is no field. At column 1")
    done = run(str(capture), "--format", "xml")
    assert done.returncode == 1
    assert done.stderr == "“xml” is no format. Choose ndjson, csv or har.\n"

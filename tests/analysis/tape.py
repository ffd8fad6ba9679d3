"""Writes captures of streams that never were, by a clock of its own, and has them examined."""

import json
from pathlib import Path
from typing import Any

from inspector.analysis.examination import examine_capture
from inspector.analysis.finding_types import Report
from inspector.analysis.opening import OpenedCapture, open_file
from inspector.capture.outcome import UploadOutcome
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Checkpoint, CheckpointComplete, DataLine, MalformedLine, decode_line

S = 1_000_000_000
BEGIN = 1_795_000_000 * S
BUCKET = '1#todos|0["u"]'


class Tape:
    """Writes a capture by a clock of its own, in seconds."""

    def __init__(self, path: Path) -> None:
        self.path, self.now = path, BEGIN
        self.writer = CaptureWriter(path, now_ns=lambda: self.now)
        self.connection = 0

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * S)

    def connect(
        self,
        status: int | None = 200,
        after: str = "0",
        headers: dict[str, str] | None = None,
        client: str = "device",
        buckets: tuple[str, ...] = (BUCKET,),
        expires: int | None = None,
        streams: list[dict[str, Any]] | None = None,
        encoding: str = "",
    ) -> None:
        request = {
            "buckets": [{"name": name, "after": after} for name in buckets],
            "streams": {"include_defaults": True, "subscriptions": streams or []},
        }
        self.connection = self.writer.open_connection(
            "http://localhost:8080", json.dumps(request).encode(), client_id=client, token_expires_at=expires
        )
        if status is None:
            return
        self.writer.response(
            self.connection,
            status,
            (headers or {}).items(),
            FrameFormat.NDJSON if status == 200 else None,
            encoding,
        )

    def end(self, reason: str = "The service ended the stream.") -> None:
        self.writer.close_connection(self.connection, reason)

    def say(self, line: dict[str, Any] | bytes) -> int:
        body = line if isinstance(line, bytes) else json.dumps(line).encode()
        try:
            decoded = decode_line(body, FrameFormat.NDJSON)
        except MalformedLine as error:
            return self.writer.frame(self.connection, body, None, error=str(error))
        frame = self.writer.frame(self.connection, body, decoded)
        match decoded:
            case Checkpoint():
                self.writer.checkpoint_started(self.connection, frame, decoded)
            case DataLine(_, operations):
                self.writer.checkpoint_data(self.connection, len(operations), len(body))
            case CheckpointComplete():
                self.writer.checkpoint_data_done(self.connection)
                self.writer.checkpoint_validated(self.connection)
                self.writer.checkpoint_published(self.connection, frame)
        return frame

    def checkpoint(self, op_id: int, write: int | None = None, **more: Any) -> None:
        buckets = [{"bucket": BUCKET, "checksum": 0, "count": 1}]
        wanted = {} if write is None else {"write_checkpoint": str(write)}
        self.say({"checkpoint": {"last_op_id": str(op_id), "buckets": buckets, **wanted, **more}})

    def data(self, first: int, count: int = 1, size: int = 10, checksum: int = 0) -> None:
        operations = [
            {
                "op_id": str(first + at),
                "op": "PUT",
                "object_type": "todos",
                "object_id": f"t{at}",
                "checksum": checksum,
                "data": json.dumps({"a": "x" * size}),
            }
            for at in range(count)
        ]
        self.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": operations, "next_after": "9"}})

    def complete(self, op_id: int) -> None:
        self.say({"checkpoint_complete": {"last_op_id": str(op_id)}})

    def keepalives(self, count: int) -> None:
        for _ in range(count):
            self.wait(20)
            self.say({"token_expires_in": 3600})

    def upload(self, outcome: UploadOutcome, status: int | None = None, answer: str = "", entry: int = 1) -> None:
        upload = self.writer.upload_started(7, entry, entry)
        self.wait(0.1)
        self.writer.upload_ended(upload, outcome, status=status, answer=answer)


def report_on(path: Path, work: Path) -> Report:
    opened = open_file(path, work=work)
    assert isinstance(opened, OpenedCapture)
    return examine_capture(opened)[1]

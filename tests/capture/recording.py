"""Writes recordings of a real service into captures, as an engine would, without a client database."""

import json
from pathlib import Path

from inspector.capture.outcome import Outcome
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import framer_for
from inspector.protocol.lines import (
    Checkpoint,
    CheckpointComplete,
    CheckpointDiff,
    DataLine,
    PartialCheckpointComplete,
    decode_line,
)
from tests.recordings import CAPTURES, Recording

STREAMS = sorted(folder.name for folder in CAPTURES.iterdir() if (folder / "chunks.json").exists())


def recording(name: str) -> Recording:
    return Recording(CAPTURES / name)


def record(writer: CaptureWriter, recorded: Recording) -> int:
    """Write one recording as a connection whose checkpoints are all applied; the connection's id."""
    request = json.loads((recorded.folder / "request.json").read_text())
    headers = recorded.headers
    framer = framer_for(headers["content-type"])
    connection = writer.open_connection("http://localhost:8080", json.dumps(request["body"]).encode(), user_id="user-1")
    writer.response(connection, 200, headers.items(), framer.format, headers.get("content-encoding", ""))
    for body in recorded.frames():
        line = decode_line(body, framer.format)
        frame = writer.frame(connection, body, line)
        match line:
            case Checkpoint() | CheckpointDiff():
                writer.checkpoint_started(connection, frame, line)
            case DataLine(_, operations):
                writer.checkpoint_data(connection, len(operations), len(body))
            case PartialCheckpointComplete():
                writer.set_outcome(frame, Outcome.PARTIAL)
            case CheckpointComplete():
                writer.checkpoint_data_done(connection)
                writer.checkpoint_validated(connection)
                writer.checkpoint_published(connection, frame)
    writer.close_connection(connection, "The service ended the stream.")
    return connection


def record_to(path: Path, *names: str) -> Path:
    """A closed capture of these recordings."""
    with CaptureWriter(path) as writer:
        for name in names:
            record(writer, recording(name))
    return path

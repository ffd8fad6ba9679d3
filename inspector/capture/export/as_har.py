"""An HTTP archive (HAR 1.2): one entry a connection, its answer made of the frames that were chosen.

`_frames` is ours: when each frame came, and how many bytes of the content are its. Browsers' tools pass it over.
"""

import base64
import json
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, BinaryIO

from inspector.capture.export.as_ndjson import utc
from inspector.capture.rows import ConnectionRow, Frame, FrameRow
from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, FrameFormat

_MS = 1_000_000
_CREATOR = {"name": "PowerSync Inspector", "version": "1"}
STREAM_PATH = "/sync/stream"


def write_har(frames: Iterable[Frame], output: BinaryIO, connection_of: Callable[[int], ConnectionRow | None]) -> None:
    """Write the archive as the frames come; only one connection's list of frames is held in memory."""
    output.write(b'{"log":{"version":"1.2","creator":' + _encoded(_CREATOR) + b',"entries":[')
    between = b""
    for number, frames_of_one in groupby(frames, key=lambda frame: frame.row.connection):
        connection = connection_of(number)
        if connection is not None:
            output.write(between)
            _write_entry(output, connection, frames_of_one)
            between = b","
    output.write(b"]}}\n")


def _write_entry(output: BinaryIO, connection: ConnectionRow, frames: Iterable[Frame]) -> None:
    is_bson = connection.format == FrameFormat.BSON
    mime_type = BSON_TYPE if is_bson else NDJSON_TYPE
    headers = [{"name": name, "value": value} for name, value in connection.headers]
    entry = {"startedDateTime": utc(connection.started_at), "request": _request(connection)}
    response = {
        "status": connection.status or 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": headers,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    output.write(_encoded(entry)[:-1] + b',"response":' + _encoded(response)[:-1])
    output.write(b',"content":{"mimeType":' + _encoded(mime_type))
    output.write(b',"encoding":"base64","text":"' if is_bson else b',"text":"')
    rows = _write_base64(output, frames) if is_bson else _write_text(output, frames)
    size = sum(row.bytes + (not is_bson) for row in rows)
    output.write(b'","size":' + _encoded(size) + b"}}")
    rest: dict[str, Any] = {
        "cache": {},
        "time": _duration(connection, rows),
        "timings": _timings(connection, rows),
        "_frames": [
            {"time": utc(row.received_at), "frame": row.id, "kind": row.kind, "bytes": row.bytes} for row in rows
        ],
    }
    if len(rows) < connection.frames:
        rest["comment"] = f"{len(rows)} of the {connection.frames} frames of this answer"
    output.write(b"," + _encoded(rest)[1:])


def _write_text(output: BinaryIO, frames: Iterable[Frame]) -> list[FrameRow]:
    rows = []
    for frame in frames:
        output.write(_encoded(frame.body.decode(errors="replace") + "\n")[1:-1])
        rows.append(frame.row)
    return rows


def _write_base64(output: BinaryIO, frames: Iterable[Frame]) -> list[FrameRow]:
    rows, left = [], b""
    for frame in frames:
        left += frame.body
        whole = len(left) // 3 * 3
        output.write(base64.b64encode(left[:whole]))
        left = left[whole:]
        rows.append(frame.row)
    output.write(base64.b64encode(left))
    return rows


def _request(connection: ConnectionRow) -> dict[str, Any]:
    return {
        "method": "POST",
        "url": stream_address(connection),
        "httpVersion": "",
        "cookies": [],
        "headers": [{"name": "content-type", "value": "application/json"}],
        "queryString": [],
        "postData": {"mimeType": "application/json", "text": connection.request},
        "headersSize": -1,
        "bodySize": len(connection.request.encode()),
        "comment": "The token was not recorded.",
    }


def stream_address(connection: ConnectionRow) -> str:
    """Where the stream was asked for."""
    return connection.endpoint.rstrip("/") + STREAM_PATH


def _duration(connection: ConnectionRow, rows: list[FrameRow]) -> float:
    ended = connection.ended_at or (rows[-1].received_at if rows else connection.started_at)
    return max(0, ended - connection.started_at) / _MS


def _timings(connection: ConnectionRow, rows: list[FrameRow]) -> dict[str, float]:
    """How long the request took is not recorded; the wait ends with the first frame that was chosen."""
    wait = max(0, rows[0].received_at - connection.started_at) / _MS if rows else 0.0
    return {"send": 0, "wait": wait, "receive": max(0.0, _duration(connection, rows) - wait)}


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

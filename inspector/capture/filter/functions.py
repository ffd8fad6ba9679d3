"""The SQL functions of filters: what SQLite cannot say itself, about bucket names and frames' bodies.

Bodies of frames are compressed one by one, so a search in them reads each; those of happenings are texts.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache

import apsw
import msgspec
import zstandard

from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.framing import MAX_FRAME_BYTES, FrameFormat
from inspector.protocol.lines import DataLine, MalformedLine, Operation, decode_line

_NAMES_KEPT = 4_096


def register(connection: apsw.Connection) -> None:
    """Make the functions known to `connection`."""
    bodies = Bodies()
    functions: tuple[tuple[str, Callable[..., str | int | None], int], ...] = (
        ("bucket_short", _bucket_short, 1),
        ("bucket_stream", _bucket_stream, 1),
        ("contains", _contains, 2),
        ("matches", _matches, 2),
        ("has_text", bodies.has_text, 2),
        ("has_row", bodies.has_row, 4),
        ("row_contains", bodies.row_contains, 3),
        ("row_matches", bodies.row_matches, 3),
        ("since_checkpoint", Checkpoints(connection).first_frame, 1),
    )
    for name, function, arguments in functions:
        connection.create_scalar_function(name, function, arguments, deterministic=True)


class Checkpoints:
    """Where checkpoints begin. All of them are looked through once for an op id: a search takes many steps."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[int, int] = {}

    def first_frame(self, op_id: int) -> int | None:
        """The first frame with a checkpoint at this op id or a later one, None while there is none."""
        if op_id not in self._known:
            asked = self._connection.execute("SELECT min(frame) FROM checkpoints WHERE op_id >= ?", (op_id,))
            frame = asked.fetchall()[0][0]
            if not isinstance(frame, int):
                return None
            # Later checkpoints are in later frames.
            self._known[op_id] = frame
        return self._known[op_id]


class Bodies:
    """Looks into compressed bodies. What is damaged contains nothing: the frame itself says so where it is shown."""

    def __init__(self) -> None:
        self._decompressor = zstandard.ZstdDecompressor()

    def has_text(self, body: bytes | str, text: str) -> bool:
        """Whether the body contains `text` in whatever case, also as a string of JSON, or in one inside of one."""
        plain = self._plain(body)
        if text.isascii():
            lowered = plain.lower()
            return any(variant in lowered for variant in _ascii_variants(text))
        words = plain.decode(errors="replace").lower()
        return any(variant in words for variant in _variants(text))

    def has_row(self, body: bytes | str, stored_format: str, table: str, row_id: str) -> bool:
        """Whether the data line has an operation on this row."""
        plain = self._plain(body)
        if isinstance(body, str):
            return (table, row_id) in _uploaded(body)
        if _is_plain(row_id) and row_id.encode() not in plain and b"\\u" not in plain:
            return False
        return any(
            operation.object_type == table and operation.object_id == row_id
            for operation in _operations(plain, stored_format)
        )

    def row_contains(self, body: bytes | str, stored_format: str, text: str) -> bool:
        """Whether `table/id` of an operation contains `text` in whatever case."""
        wanted = text.lower()
        return any(wanted in row.lower() for row in self._rows(body, stored_format))

    def row_matches(self, body: bytes | str, stored_format: str, pattern: str) -> bool:
        """Whether `table/id` of an operation matches the pattern."""
        return any(_pattern(pattern).search(row) for row in self._rows(body, stored_format))

    def _rows(self, body: bytes | str, stored_format: str) -> list[str]:
        if isinstance(body, str):
            return [f"{table}/{row_id}" for table, row_id in _uploaded(body)]
        operations = _operations(self._plain(body), stored_format)
        return [f"{operation.object_type}/{operation.object_id}" for operation in operations if operation.object_type]

    def _plain(self, body: bytes | str) -> bytes:
        if isinstance(body, str):
            return body.encode()
        try:
            if 0 <= zstandard.frame_content_size(body) <= MAX_FRAME_BYTES:
                return self._decompressor.decompress(body)
        except zstandard.ZstdError:
            pass
        return b""


def _operations(body: bytes, stored_format: str) -> list[Operation]:
    try:
        line = decode_line(body, FrameFormat.BSON if stored_format == FrameFormat.BSON else FrameFormat.NDJSON)
    except MalformedLine:
        return []
    return line.data if isinstance(line, DataLine) else []


class _Written(msgspec.Struct):
    type: str | None = None
    id: str | None = None


class _Batch(msgspec.Struct):
    batch: list[_Written]


def _uploaded(text: str) -> list[tuple[str, str]]:
    """The rows that an upload sent, table and id each; its request is the first line of its text."""
    try:
        batch = msgspec.json.decode(text.partition("\n")[0], type=_Batch).batch
    except msgspec.MsgspecError:
        return []
    return [(entry.type, entry.id) for entry in batch if entry.type is not None and entry.id is not None]


def _is_plain(text: str) -> bool:
    """Whether JSON writes it as it is."""
    return text.isascii() and text.isprintable() and not set(text) & set('"\\/')


@lru_cache(64)
def _variants(text: str) -> frozenset[str]:
    """`text` as it may stand in a body: as it is, as a string of JSON, and as one in a string of JSON."""
    found = {text}
    for _ in range(2):
        found |= {json.dumps(known, ensure_ascii=ascii_only)[1:-1] for known in found for ascii_only in (True, False)}
    return frozenset(variant.lower() for variant in found)


@lru_cache(64)
def _ascii_variants(text: str) -> frozenset[bytes]:
    return frozenset(variant.encode() for variant in _variants(text))


@lru_cache(64)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(_NAMES_KEPT)
def _bucket_short(bucket: str | None) -> str | None:
    return None if bucket is None else parse_bucket_name(bucket).short


@lru_cache(_NAMES_KEPT)
def _bucket_stream(bucket: str | None) -> str | None:
    return None if bucket is None else parse_bucket_name(bucket).stream


def _contains(text: str | None, wanted: str) -> bool:
    return text is not None and wanted in text.lower()


def _matches(text: str | None, pattern: str) -> bool:
    return text is not None and _pattern(pattern).search(text) is not None

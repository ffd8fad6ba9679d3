"""A server that gives every client the same first checkpoint, encoded beforehand, as fast as it reads."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from msgspec import UNSET

from inspector.protocol.checksums import MASK
from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, FrameFormat
from inspector.service.negotiation import choose_format
from inspector.service.wire import (
    BucketEntry,
    CheckpointLine,
    CompleteLine,
    DataLine,
    Line,
    OperationEntry,
    Reason,
    StreamEntry,
    encoder_for,
)

OPERATIONS_A_LINE = 1_000
_ROW_BYTES = 200
_BUCKET_PRIORITY = 3
_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: {}\r\ntransfer-encoding: chunked\r\n\r\n"


def first_checkpoint(buckets: int, rows: int) -> list[Line]:
    """A checkpoint of `buckets` buckets with `rows` rows of 200 bytes each, in the service's line sizes."""
    chance = random.Random(1)
    entries, data = [], []
    last_op = 0
    for number in range(buckets):
        name = f'1#items|0["{number}"]'
        checksum = 0
        for start in range(0, rows, OPERATIONS_A_LINE):
            operations = []
            for _ in range(min(OPERATIONS_A_LINE, rows - start)):
                last_op += 1
                operation = _put(last_op, chance)
                checksum += operation.checksum
                operations.append(operation)
            after, has_more = operations[0].op_id, start + OPERATIONS_A_LINE < rows
            data.append(DataLine(name, str(int(after) - 1), has_more, operations, operations[-1].op_id))
        signed = ((checksum & MASK) ^ 2**31) - 2**31
        entries.append(BucketEntry(name, signed, rows, _BUCKET_PRIORITY, (Reason(default=0),)))
    streams = (StreamEntry("items", True, ()),)
    return [CheckpointLine(str(last_op), UNSET, entries, streams), *data, CompleteLine(str(last_op))]


def _put(op_id: int, chance: random.Random) -> OperationEntry:
    row_id = f"{chance.getrandbits(128):032x}"
    row = {"id": row_id, "name": f"Item {op_id}", "amount": chance.randrange(10_000), "body": ""}
    row["body"] = "x" * (_ROW_BYTES - len(json.dumps(row)))
    # Neither client checks single operations, so that any sum will do.
    return OperationEntry(
        str(op_id), "PUT", "items", row_id, chance.getrandbits(32), f"{chance.getrandbits(96):024x}", json.dumps(row)
    )


@contextmanager
def prepared_stream(lines: list[Line]) -> Iterator[str]:
    """Serve these lines until the block ends; the address."""
    bodies = {
        kind: [encoder_for(frame_format, raw_data=True)(line) for line in lines]
        for kind, frame_format in ((BSON_TYPE, FrameFormat.BSON), (NDJSON_TYPE, FrameFormat.NDJSON))
    }
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        asyncio.start_server(lambda reader, writer: _answer(reader, writer, bodies), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bodies: Mapping[str, list[bytes]]
) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        accepted = [line for line in head.splitlines() if line.startswith("accept:")]
        _, kind = choose_format(accepted[0].removeprefix("accept:") if accepted else "")
        writer.write(_HEAD.format(kind).encode())
        for body in bodies[kind]:
            writer.write(b"%x\r\n%s\r\n" % (len(body), body))
            await writer.drain()
        # The stream stays open until the client goes away.
        await reader.read()
    writer.close()

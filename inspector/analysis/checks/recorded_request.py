"""What a recorded connection has asked for, as far as it can be read."""

import msgspec
from msgspec import Struct

from inspector.capture.rows import ConnectionRow
from inspector.protocol.request import StreamsRequest


class RecordedBucket(Struct):
    """A bucket that the client had, and the op id after which it asked."""

    name: str = ""
    after: str = "0"


class RecordedRequest(Struct):
    """The fields that checks look at; those that a client left out are empty."""

    buckets: list[RecordedBucket] = []
    streams: StreamsRequest = StreamsRequest()


def request_of(connection: ConnectionRow) -> RecordedRequest:
    """An empty one where it cannot be read."""
    try:
        return msgspec.json.decode(connection.request, type=RecordedRequest)
    except msgspec.MsgspecError:
        return RecordedRequest()

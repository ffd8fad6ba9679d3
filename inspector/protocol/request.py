"""The body of `POST /sync/stream` (protocol §1)."""

from typing import Any

import msgspec
from msgspec import Struct

from inspector.protocol.lines import Priority


class BucketPosition(Struct, frozen=True):
    """A bucket that the client has; `after` is the last op id that it holds, as a decimal string."""

    name: str
    after: str


class RequestedSubscription(Struct, frozen=True):
    """An explicit subscription; the checkpoint's `{"sub": i}` counts these."""

    stream: str
    parameters: dict[str, Any] | None = None
    override_priority: Priority | None = None


class StreamsRequest(Struct, frozen=True):
    """Which streams are wanted."""

    include_defaults: bool = True
    subscriptions: tuple[RequestedSubscription, ...] = ()


class StreamRequest(Struct, frozen=True):
    """A whole request, with the fields in the order in which the official clients send them."""

    buckets: tuple[BucketPosition, ...]
    client_id: str
    include_checksum: bool = True
    raw_data: bool = True
    binary_data: bool = True
    parameters: dict[str, Any] = {}
    streams: StreamsRequest = StreamsRequest()
    app_metadata: dict[str, str] = {}

    def encode(self) -> bytes:
        """The JSON body."""
        return msgspec.json.encode(
            {
                "buckets": self.buckets,
                "include_checksum": self.include_checksum,
                "raw_data": self.raw_data,
                "binary_data": self.binary_data,
                "client_id": self.client_id,
                "parameters": self.parameters,
                "streams": self.streams,
                "app_metadata": self.app_metadata,
            }
        )

"""A connection's request as a curl command."""

import shlex

from inspector.capture.export.as_har import stream_address
from inspector.capture.rows import ConnectionRow
from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, FrameFormat

TOKEN_VARIABLE = "POWERSYNC_TOKEN"


def as_curl(connection: ConnectionRow) -> str:
    """A command for a POSIX shell that asks for the same stream.

    Tokens are never recorded, so the command takes one from the environment variable POWERSYNC_TOKEN.
    """
    accepted = BSON_TYPE if connection.format == FrameFormat.BSON else NDJSON_TYPE
    parts = [
        "curl --no-buffer --compressed",
        shlex.quote(stream_address(connection)),
        f'--header "Authorization: Token ${TOKEN_VARIABLE}"',
        "--header 'Content-Type: application/json'",
        f"--header {shlex.quote(f'Accept: {accepted}')}",
        f"--data-raw {shlex.quote(connection.request)}",
    ]
    return " \\\n  ".join(parts)

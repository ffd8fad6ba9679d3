"""A connection's request as a curl command."""

import shlex

from inspector.capture.export.as_har import stream_address
from inspector.capture.rows import ConnectionRow
from inspector.protocol.framing import BSON_TYPE, NDJSON_TYPE, FrameFormat

TOKEN_VARIABLE = "POWERSYNC_TOKEN"


def as_curl(connection: ConnectionRow, token: str = "") -> str:
    """A command for a POSIX shell that asks for the same stream.

    Tokens are never recorded, so without `token` the command takes one from the environment variable POWERSYNC_TOKEN.
    """
    accepted = BSON_TYPE if connection.format == FrameFormat.BSON else NDJSON_TYPE
    given = shlex.quote(f"Authorization: Token {token}")
    authorization = given if token else f'"Authorization: Token ${TOKEN_VARIABLE}"'
    parts = [
        "curl --no-buffer --compressed",
        shlex.quote(stream_address(connection)),
        f"--header {authorization}",
        "--header 'Content-Type: application/json'",
        f"--header {shlex.quote(f'Accept: {accepted}')}",
        f"--data-raw {shlex.quote(connection.request)}",
    ]
    return " \\\n  ".join(parts)

"""The address of a service, as people type it."""

import re
from urllib.parse import urlsplit

from inspector.engine.errors import SettingsError

_STREAM_PATH = "/sync/stream"


def service_address(typed: str) -> str:
    """`https://host[:port][/prefix]` without a slash at its end; raises SettingsError.

    A doubled slash before the path is a 404 at some services, so the slash at the end goes.
    """
    text = typed.strip().rstrip("/").removesuffix(_STREAM_PATH)
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError(
            f"The endpoint “{typed}” is no web address.",
            why="It has to begin with https:// or http:// and name a host.",
            next_step=_suggestion(text),
        )
    if parts.username or parts.password:
        raise SettingsError(
            "The endpoint carries a user name or a password.",
            why="A PowerSync service takes a token instead, and an address is shown and recorded.",
            next_step="Leave them out and give a token.",
        )
    return text


def _suggestion(text: str) -> str:
    """The address that was meant, where only its beginning is missing."""
    host = text.partition("/")[0].partition(":")[0]
    if "://" in text or not re.fullmatch(r"[\w.-]+", host):
        return "Give the PowerSync service's address, like https://sync.example.com."
    is_here = host == "localhost" or host.startswith("127.")
    return f"Write it like {'http' if is_here else 'https'}://{text}."


def host_of(address: str) -> str:
    """Host and port, for people; all of an address that has none."""
    return urlsplit(address).netloc or address

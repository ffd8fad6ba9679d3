"""What a backend said to an upload, in one line."""

from typing import Any

import msgspec
from msgspec import Struct


class _Answer(Struct):
    """The shapes that backends answer in."""

    error: Any = None
    message: Any = None


def answer_words(answer: str | None) -> str:
    """The message in a backend's JSON, else the first line of what it said."""
    text = (answer or "").strip()
    try:
        said = msgspec.json.decode(text, type=_Answer)
    except msgspec.MsgspecError:
        return text.partition("\n")[0]
    error = said.error
    if isinstance(error, dict):
        error = error.get("description") or error.get("message") or error.get("code")
    return " ".join(str(error or said.message or text).split())

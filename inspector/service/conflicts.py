"""Whether a client's write meets a row that somebody else has changed since the client saw it."""

from collections.abc import Mapping
from typing import Any, Literal

from inspector.service.sync_config import Row


def conflict_of(
    op: Literal["PUT", "PATCH", "DELETE"],
    name: str,
    data: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    now: Row | None,
) -> str:
    """What stands against the write, as a sentence about the row called `name`; empty when nothing does.

    A write that is there already is none: an upload may come twice when its answer was lost.
    """
    if op == "DELETE":
        changed = [] if now is None or old is None else [column for column in old if old[column] != now.get(column)]
        return _sentence(name, changed)
    if now is None:
        return f"The row {name} was deleted meanwhile." if op == "PATCH" else ""
    if op == "PUT":
        differs = any(now.get(column) != value for column, value in data.items())
        return f"The row {name} is there already, with other values." if differs else ""
    if old is None:
        return ""
    changed = [
        column for column, value in data.items() if column in old and now.get(column) not in (old[column], value)
    ]
    return _sentence(name, changed)


def _sentence(name: str, changed: list[str]) -> str:
    if not changed:
        return ""
    verb = "was" if len(changed) == 1 else "were"
    return f"{' and '.join(changed)} of the row {name} {verb} changed by somebody else meanwhile."

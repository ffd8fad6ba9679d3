"""A local write as it is asked for; `local_writes` carries it out."""

from typing import Any, Literal

from msgspec import Struct


class LocalWrite(Struct, frozen=True, omit_defaults=True):
    """One changed row. PUT sets the whole row, PATCH the columns in `data`; DELETE has no `data`.

    Values are text, numbers, booleans (kept as 0 and 1) and null.
    """

    op: Literal["PUT", "PATCH", "DELETE"]
    type: str
    id: str
    data: dict[str, Any] | None = None
    metadata: str | None = None
    """The app's own text; for tables with `include_metadata` only."""

"""How the demo backend takes uploads; may be changed while it runs."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

ConflictMode: TypeAlias = Literal["last_write_wins", "reject"]

_LONGEST_DELAY = 60


class BackendSettings(Struct, frozen=True):
    """What becomes of an upload.

    `last_write_wins`: the latest to arrive stands, column by column, and rows that are gone are passed over. `reject`:
    409 for an entry whose row somebody else has changed; of a PATCH that is known from the `old` values that it tells.
    """

    conflicts: ConflictMode = "last_write_wins"
    delay: Annotated[float, Meta(ge=0, le=_LONGEST_DELAY)] = 0.0
    """s before each answer."""
    failing: bool = False
    """Answer 500 and apply nothing."""


DEFAULT_SETTINGS = BackendSettings()


class Backend:
    """The settings in force."""

    def __init__(self, settings: BackendSettings) -> None:
        self.settings = settings


def changed_settings(settings: BackendSettings, body: bytes) -> BackendSettings:
    """`settings` with the fields of a JSON object in their place; raises msgspec.MsgspecError."""
    known = msgspec.structs.asdict(settings)
    given = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    for name in given:
        if name not in known:
            raise msgspec.ValidationError(f"There is no `{name}`; the settings are {', '.join(known)}")
    return msgspec.json.decode(msgspec.json.encode(known | given), type=BackendSettings)

"""The control channel: JSON lines on the engine's stdin (commands) and stdout (notices).

Each line is an object whose `type` names one of the structs below. The engine's first line is `Hello`; a program
that does not know its `version` stops there. A `Status` is a whole snapshot, so that any number of them may be
left out: at most 20 a second are sent, and none while the reader does not read. Every command that carries an
`id` is answered by one `Answer` with the same `id`.
"""

from typing import Any, TypeAlias

from msgspec import Struct

from inspector.engine.start import (
    BackendUpload,
    CheckpointMode,
    CommandUpload,
    CredentialSource,
    Hold,
    MintedToken,
    Start,
    StaticToken,
    StreamSubscription,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
    UploadSettings,
    on_another_device,
)
from inspector.engine.status import DecodedToken, FaultStatus, Mismatch, Phase, Problem, Status, UploadState
from inspector.store.local_write import LocalWrite

__all__ = [
    "VERSION",
    "Annotate",
    "Answer",
    "ArmFault",
    "BackendUpload",
    "CheckpointMode",
    "Command",
    "CommandUpload",
    "Connect",
    "CredentialSource",
    "DecodedToken",
    "Discard",
    "Disconnect",
    "Farewell",
    "FaultStatus",
    "Hello",
    "Hold",
    "LiftFault",
    "LoadSchema",
    "MintedToken",
    "Mismatch",
    "Notice",
    "Phase",
    "PresentToken",
    "Problem",
    "RefreshToken",
    "RequestCheckpoint",
    "Retry",
    "SetHold",
    "SetOffline",
    "SetParameters",
    "Shutdown",
    "Start",
    "StaticToken",
    "Status",
    "StreamSubscription",
    "Subscribe",
    "TellToken",
    "TokenCommand",
    "TokenEndpoint",
    "TokenFile",
    "Unsubscribe",
    "Upload",
    "UploadSettings",
    "UploadState",
    "Write",
    "on_another_device",
]

VERSION = 1


class Hello(Struct, frozen=True, tag="hello"):
    """The engine's first line: where its two files are. The client database may be a migrated copy of the one given."""

    version: int
    pid: int
    client_database: str
    capture: str


class Answer(Struct, frozen=True, tag="answer", omit_defaults=True):
    """The outcome of one command."""

    id: int
    ok: bool
    problem: Problem | None = None


class PresentToken(Struct, frozen=True, tag="present_token", omit_defaults=True):
    """What `TellToken` asked for; empty when the engine holds none. The one notice with a secret: kept nowhere."""

    id: int
    token: str = ""

    def __repr__(self) -> str:
        return f"PresentToken(id={self.id})"


class Farewell(Struct, frozen=True, tag="farewell", omit_defaults=True):
    """The engine's last line; `problem` says why it ends when nobody asked it to."""

    problem: Problem | None = None


Notice: TypeAlias = Hello | Status | Answer | PresentToken | Farewell


class Connect(Struct, frozen=True, tag="connect", omit_defaults=True):
    """Start syncing, or try again at once while waiting."""

    id: int = 0


class Disconnect(Struct, frozen=True, tag="disconnect", omit_defaults=True):
    """End the stream and stay disconnected."""

    id: int = 0


class SetOffline(Struct, frozen=True, tag="offline", omit_defaults=True):
    """Act as a device without network, or come back."""

    offline: bool
    id: int = 0


class RefreshToken(Struct, frozen=True, tag="refresh_token", omit_defaults=True):
    """Fetch credentials anew and replace the stream."""

    id: int = 0


class TellToken(Struct, frozen=True, tag="tell_token", omit_defaults=True):
    """Tell the token that the engine holds in memory, because the user wants to copy it; nothing is fetched for it."""

    id: int = 0


class Subscribe(Struct, frozen=True, tag="subscribe", omit_defaults=True):
    """Subscribe to a stream, or renew a subscription; the stream is replaced when the request changes."""

    subscription: StreamSubscription
    id: int = 0


class Unsubscribe(Struct, frozen=True, tag="unsubscribe", omit_defaults=True):
    """End a subscription at once; with `when_expired`, stop renewing it, so that its time to live runs out."""

    stream: str
    parameters: dict[str, Any] | None = None
    when_expired: bool = False
    id: int = 0


class SetParameters(Struct, frozen=True, tag="parameters", omit_defaults=True):
    """Send these parameters and this metadata from now on; the stream is replaced when they change."""

    parameters: dict[str, Any] | None = None
    app_metadata: dict[str, str] | None = None
    id: int = 0


class LoadSchema(Struct, frozen=True, tag="schema", omit_defaults=True):
    """Have the tables of the app's schema from now on, with the rows that are there already (`Start.schema_file`)."""

    file: str = ""
    """Empty: the tables and columns that the data show."""
    id: int = 0


class Write(Struct, frozen=True, tag="write", omit_defaults=True):
    """Change rows locally, in one transaction: all of them or none."""

    rows: tuple[LocalWrite, ...]
    id: int = 0


class Upload(Struct, frozen=True, tag="upload", omit_defaults=True):
    """Upload what waits now, without waiting for the next try."""

    id: int = 0


class Retry(Struct, frozen=True, tag="retry", omit_defaults=True):
    """Try a failed upload again now."""

    id: int = 0


class Discard(Struct, frozen=True, tag="discard", omit_defaults=True):
    """Give up a local transaction: its rows get the service's values with the next checkpoint."""

    transaction: int | None = None
    """None: the oldest."""
    id: int = 0


class SetHold(Struct, frozen=True, tag="hold", omit_defaults=True):
    """Stop uploading after the transaction under way, or go on."""

    hold: bool
    id: int = 0


class RequestCheckpoint(Struct, frozen=True, tag="request_checkpoint", omit_defaults=True):
    """Ask for a checkpoint, to know when this client has caught up with the service: its id is `Status.requested`."""

    id: int = 0


class ArmFault(Struct, frozen=True, tag="arm_fault", omit_defaults=True):
    """Have the embedded service inject a fault, or the faults of a preset, until it is lifted or has struck `times`."""

    fault: str = ""
    parameters: dict[str, int | str] | None = None
    """Those not given have their defaults."""
    times: int | None = None
    user: str = ""
    """Whom to strike; empty: everybody."""
    preset: str = ""
    id: int = 0


class LiftFault(Struct, frozen=True, tag="lift_fault", omit_defaults=True):
    """End a fault of the embedded service; without a name, all of them."""

    fault: str = ""
    id: int = 0


class Annotate(Struct, frozen=True, tag="annotate", omit_defaults=True):
    """Keep in the capture what a user says about a frame, in place of what was said before."""

    frame: int
    marked: bool = False
    comment: str = ""
    id: int = 0


class Shutdown(Struct, frozen=True, tag="shutdown", omit_defaults=True):
    """End the stream, close both files, exit."""

    id: int = 0


Command: TypeAlias = (
    Start
    | Connect
    | Disconnect
    | SetOffline
    | RefreshToken
    | TellToken
    | Subscribe
    | Unsubscribe
    | SetParameters
    | LoadSchema
    | Write
    | Upload
    | Retry
    | Discard
    | SetHold
    | RequestCheckpoint
    | ArmFault
    | LiftFault
    | Annotate
    | Shutdown
)

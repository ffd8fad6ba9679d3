"""The control channel: JSON lines on the engine's stdin (commands) and stdout (notices).

Each line is an object whose `type` names one of the structs below. The engine's first line is `Hello`; a program
that does not know its `version` stops there. A `Status` is a whole snapshot, so that any number of them may be
left out: at most 20 a second are sent, and none while the reader does not read. Every command that carries an
`id` is answered by one `Answer` with the same `id`.
"""

from typing import Any, Literal, TypeAlias

from msgspec import Struct

VERSION = 1


class Problem(Struct, frozen=True, omit_defaults=True):
    """What went wrong, in the three sentences that people are shown."""

    what: str
    why: str = ""
    next_step: str = ""
    code: str = ""
    """The service's error code (`PSYNC_S2103`) or HTTP status, empty when there is none."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.next_step) if part)


class Mismatch(Struct, frozen=True):
    """A bucket that failed validation; sums are 0 … 2^32-1."""

    bucket: str
    expected: int
    add_checksum: int
    op_checksum: int
    times: int
    """How often this bucket has failed since the engine started."""


Phase: TypeAlias = Literal["idle", "connecting", "connected", "waiting", "refused", "offline", "stopped"]
"""`waiting`: for the next try after an error. `refused`: the service does not take the token, trying goes on."""


class Status(Struct, tag="status", omit_defaults=True):
    """Everything that the state sentence and the status bar need. Times are ns since the Unix epoch.

    The engine changes its own as things happen; what goes over the channel is a snapshot.
    """

    phase: Phase = "idle"
    endpoint: str = ""
    user_id: str = ""
    client_id: str = ""
    transport: str = ""
    """What the stream is read as: `BSON · zstd`, `NDJSON`; empty before an answer."""
    attempt: int = 0
    """Tries since the last success."""
    problem: Problem | None = None
    """The last error; None after a success."""
    retry_at: int | None = None
    token_expires_at: int | None = None
    token_source: str = ""
    """Where the next token comes from, as words after "from": `a file`, `a command`; empty: nowhere."""
    connected_at: int | None = None
    checkpoint: int | None = None
    """Op id of the target checkpoint."""
    shown_checkpoint: int | None = None
    """Op id of the checkpoint that the tables show."""
    operations_done: int = 0
    """Of the target checkpoint, over all buckets, local ones included."""
    operations_total: int = 0
    complete_priority: int | None = None
    """The lowest priority (highest number) that a partial checkpoint has published in this first sync."""
    first_sync: bool = True
    """No full checkpoint was ever published into this client database."""
    receiving: bool = False
    """Between a checkpoint line and its completion."""
    held: bool = False
    """A validated checkpoint waits for local writes."""
    pending_writes: int = 0
    target_request: int | None = None
    """The gate: checkpoint request id that must be seen before downloads are shown."""
    seen_request: int | None = None
    waiting_since: int | None = None
    mismatch: Mismatch | None = None
    """The last mismatch until the bucket validates again."""
    last_change_at: int | None = None
    """When a checkpoint with operations was last published."""
    frames: int = 0
    capture_bytes: int = 0
    operations_received: int = 0
    """Since the engine started."""
    revision: int = 0
    """Grows whenever the client database or the capture's outcomes may have changed."""


class Hello(Struct, frozen=True, tag="hello"):
    """The engine's first line: where its two files are."""

    version: int
    pid: int
    client_database: str
    capture: str


class Answer(Struct, frozen=True, tag="answer", omit_defaults=True):
    """The outcome of one command."""

    id: int
    ok: bool
    problem: Problem | None = None


class Farewell(Struct, frozen=True, tag="farewell", omit_defaults=True):
    """The engine's last line; `problem` says why it ends when nobody asked it to."""

    problem: Problem | None = None


Notice: TypeAlias = Hello | Status | Answer | Farewell


class StaticToken(Struct, frozen=True, tag="token", tag_field="kind"):
    """One JSON web token, used until it expires."""

    token: str


class TokenFile(Struct, frozen=True, tag="file", tag_field="kind"):
    """A file that holds a token, read again whenever one is needed."""

    path: str


class TokenCommand(Struct, frozen=True, tag="command", tag_field="kind"):
    """A shell command that prints a token."""

    command: str


class TokenEndpoint(Struct, frozen=True, tag="endpoint", tag_field="kind"):
    """An HTTP address that answers `{"endpoint": …, "token": …}`."""

    url: str


CredentialSource: TypeAlias = StaticToken | TokenFile | TokenCommand | TokenEndpoint


class Start(Struct, frozen=True, tag="start", omit_defaults=True):
    """The first line that the engine reads: what to sync, and into which files. Answered by `Hello`."""

    endpoint: str
    credentials: CredentialSource
    client_database: str
    capture: str
    id: int = 0
    parameters: dict[str, Any] | None = None
    app_metadata: dict[str, str] | None = None
    include_defaults: bool = True
    connect: bool = True
    """Connect at once; otherwise wait for the `Connect` command."""


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


class Shutdown(Struct, frozen=True, tag="shutdown", omit_defaults=True):
    """End the stream, close both files, exit."""

    id: int = 0


Command: TypeAlias = Start | Connect | Disconnect | SetOffline | RefreshToken | Shutdown

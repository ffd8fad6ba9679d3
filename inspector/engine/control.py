"""The control channel: JSON lines on the engine's stdin (commands) and stdout (notices).

Each line is an object whose `type` names one of the structs below. The engine's first line is `Hello`; a program
that does not know its `version` stops there. A `Status` is a whole snapshot, so that any number of them may be
left out: at most 20 a second are sent, and none while the reader does not read. Every command that carries an
`id` is answered by one `Answer` with the same `id`.
"""

from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, structs

from inspector.store.local_write import LocalWrite

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

UploadState: TypeAlias = Literal["held", "idle", "uploading", "failed"]
"""`held`: by the user's choice. `failed`: the oldest transaction was not taken, the next try comes by itself."""


class FaultStatus(Struct, frozen=True, omit_defaults=True):
    """A fault of the embedded service that is armed, or has struck."""

    name: str
    title: str
    armed: bool = False
    remaining: int | None = None
    """Strikes until it is used up; None: until off."""
    struck_since_armed: int = 0
    user: str = ""
    """Whom it is armed for; empty: everybody."""
    parameters: dict[str, int | str] = {}
    concerns_us: bool = False
    """It is armed, and this client's turn may come."""
    strikes: int = 0
    """Since the service started, whoever was struck."""
    last_at: int | None = None
    last: str = ""
    """What the last strike did, as a sentence."""
    struck_us_at: int | None = None
    """When it last struck this client, since the engine started."""


class DecodedToken(Struct, frozen=True):
    """What a token says of itself: its header and its claims, without the signature that makes it a token."""

    header: dict[str, Any]
    claims: dict[str, Any]


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
    token: DecodedToken | None = None
    """Of the present token; None before the first one."""
    token_source: str = ""
    """Where the next token comes from, as words after "from": `a file`, `a command`; empty: nowhere."""
    no_token: bool = False
    """The last error was about getting a token: nothing was asked of the service."""
    token_hints: tuple[Problem, ...] = ()
    """Why the service may not take the token; what it surely refuses is the `problem` of phase `refused`."""
    clock_skew: float | None = None
    """By how much this machine's clock is ahead of the service's, s to ±1; None up to 5 s, or when not known."""
    stream_problems: tuple[Problem, ...] = ()
    """Of the target checkpoint: streams that the service does not know, and streams that fail."""
    insecure: bool = False
    """The service's TLS certificate is not checked: what is shown may come from anybody."""
    http_version: str = ""
    """`HTTP/1.1` or `HTTP/2`; empty before an answer."""
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
    requested: int | None = None
    """The last checkpoint request that this client made."""
    waiting_since: int | None = None
    uploads: UploadState = "held"
    upload_attempts: int = 0
    """Of the oldest transaction, since the engine started."""
    upload_problem: Problem | None = None
    """The last error of uploading or of asking for the confirmation; None after a success."""
    upload_retry_at: int | None = None
    oldest_transaction: int | None = None
    """`tx_id` of the oldest pending write; None when nothing waits, or the client wrote none."""
    oldest_write_at: int | None = None
    """When it was written; None when that was before the engine started."""
    mismatch: Mismatch | None = None
    """The last mismatch until the bucket validates again."""
    last_change_at: int | None = None
    """When a checkpoint with operations was last published."""
    client_database: str = ""
    """The file that is synced into; a copy of the one that was named, where `original_database` names that."""
    original_database: str = ""
    """Of a migrated copy: the file that is left as it is."""
    migrated_from: int | None = None
    """The schema version that the client database had before; None: it is as it was."""
    schema_file: str = ""
    """The app's schema that the tables follow; empty: they are those of the file, and what the data show."""
    frames: int = 0
    capture_bytes: int = 0
    operations_received: int = 0
    """Since the engine started."""
    operations_before: int = 0
    """How many of them came before the present connection."""
    fault_lab: bool = False
    """The service is the embedded one, and obeys `ArmFault`."""
    faults: tuple[FaultStatus, ...] = ()
    revision: int = 0
    """Grows whenever the client database or the capture's outcomes may have changed."""


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


class MintedToken(Struct, frozen=True, tag="minted", tag_field="kind", omit_defaults=True):
    """For development: a token signed by the engine, with a key from a file of the user's."""

    key_file: str
    """A private key (PEM or JWK), or a secret."""
    user_id: str
    is_secret: bool = False
    """The file's text is an HS256 secret."""
    key_id: str = ""
    """The header's `kid`; a JWK brings its own."""
    audience: tuple[str, ...] = ()
    """The endpoint, when there is none."""
    lifetime: int = 3600
    """s"""
    claims: dict[str, Any] | None = None
    """Further ones; they replace the usual ones, or drop them where they are null."""


CredentialSource: TypeAlias = StaticToken | TokenFile | TokenCommand | TokenEndpoint | MintedToken


class StreamSubscription(Struct, frozen=True, omit_defaults=True):
    """A stream to subscribe to (protocol §6)."""

    stream: str
    parameters: dict[str, Any] | None = None
    ttl: int | None = None
    """How long it outlives the last time it was active, s; None: one day."""
    priority: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    """Instead of the priority that the stream has."""


class Hold(Struct, frozen=True, tag="hold", tag_field="kind"):
    """Upload nothing: local writes wait in the client database."""


class BackendUpload(Struct, frozen=True, tag="backend", tag_field="kind"):
    """POST each transaction to the app's backend, with the user's token as `Authorization: Bearer`.

    The body is `{"batch": [{"op_id", "op", "type", "id", "tx_id"?, "data"?, "old"?, "metadata"?}]}`, an object a row
    as the SDKs write it. Any 2xx answer says that the backend has it. Other answers may have
    `{"error": …, "errors": [{"op_id", "message"}]}`; the transaction is kept and tried again.
    """

    url: str


class CommandUpload(Struct, frozen=True, tag="command", tag_field="kind"):
    """Run a shell command for each transaction, with the same JSON as its input; exit code 0 says that it is taken."""

    command: str


UploadSettings: TypeAlias = Hold | BackendUpload | CommandUpload
CheckpointMode: TypeAlias = Literal["legacy", "requests"]
"""How the service is asked to confirm uploads (protocol §5)."""


class Start(Struct, frozen=True, tag="start", omit_defaults=True):
    """The first line that the engine reads: what to sync, and into which files. Answered by `Hello`."""

    endpoint: str
    """Empty: the one that comes with the token."""
    credentials: CredentialSource
    client_database: str
    capture: str
    id: int = 0
    parameters: dict[str, Any] | None = None
    app_metadata: dict[str, str] | None = None
    include_defaults: bool = True
    subscriptions: tuple[StreamSubscription, ...] = ()
    """Subscribed to at once, besides those that the client database has."""
    ca_file: str = ""
    """Certificates (PEM) to trust besides the usual ones."""
    insecure: bool = False
    """Do not check TLS certificates at all."""
    schema_file: str = ""
    """The app's schema as JSON, as the SDKs serialise it; without one it is inferred from the data."""
    uploads: UploadSettings = Hold()
    checkpoint_mode: CheckpointMode = "legacy"
    migrate_in_place: bool = False
    """Migrate a client database of an older schema version itself, not a copy of it beside the capture."""
    connect: bool = True
    """Connect at once; otherwise wait for the `Connect` command."""


def on_another_device(start: Start, number: int) -> Start:
    """The same user and settings on the user's `number`-th device: with files of its own beside the first one's."""
    return structs.replace(
        start, client_database=_numbered(start.client_database, number), capture=_numbered(start.capture, number)
    )


def _numbered(file: str, number: int) -> str:
    path = PurePath(file)
    return str(path.with_name(f"{path.stem}-{number}{path.suffix}"))


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

"""What the engine tells of itself again and again: everything that the state sentence and the status bar need."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct


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
    heard_at: int | None = None
    """When the newest line came, of whatever kind."""
    progressed_at: int | None = None
    """When the newest line came that is no keepalive."""
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
    uploads: UploadState = "idle"
    nowhere_to_upload: bool = False
    """Uploads are held because the connection names no backend and no command for them, not by choice."""
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

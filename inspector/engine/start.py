"""What an engine is told at its start: what to sync, with which credentials, into which files."""

from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, structs


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

"""What the service is started with, and what it says once it answers. Cheap to import."""

from dataclasses import dataclass
from pathlib import Path

from msgspec import Raw, Struct

from inspector.service.backend_settings import DEFAULT_SETTINGS, BackendSettings

DEFAULT_PORT = 8090
DEFAULT_MOST_STREAMS = 200
DEFAULT_MOST_BUCKETS = 1_000


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """What the person who starts the service decides. `port` 0 takes any free one; times in s."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    storage: Path | None = None
    """Kept between runs; None: a temporary one."""
    config: Path | None = None
    """Sync streams as YAML, with `database`: they are served instead of the demo."""
    database: Path | None = None
    """A user's own SQLite database; its buckets are kept beside it unless `storage` says where."""
    writer: bool = True
    """Change a row about once a second."""
    seed: int = 1
    """For the rows of a new storage and for the writer."""
    groceries: bool = False
    """A new storage has the story's list too."""
    token_seconds: int = 3_600
    jwks: Path | None = None
    """Keys of an app's own backend, whose tokens are taken too."""
    audiences: tuple[str, ...] = ()
    """Besides the service's address."""
    backend: BackendSettings = DEFAULT_SETTINGS
    faults: tuple[str, ...] = ()
    """Armed from the start, as `NAME[:PARAMETER=VALUE,…]`; see `faults/catalogue.py`."""
    keepalive_seconds: float = 20.0
    most_streams: int = DEFAULT_MOST_STREAMS
    """Open at once; another one is answered 429 (S2304)."""
    most_buckets: int = DEFAULT_MOST_BUCKETS
    """Of one stream; one with more is refused (S2305)."""
    compact_every: float | None = None
    """Compact so often, in s; None: when told only."""
    stop_with_parent: bool = False
    """Stop when standard input closes."""


class Ready(Struct, frozen=True):
    """The service answers at `endpoint`; `users` can have credentials, and `schema` fits their clients."""

    endpoint: str
    users: tuple[str, ...]
    schema: Raw
    """JSON as the SDKs make it of an app's schema."""

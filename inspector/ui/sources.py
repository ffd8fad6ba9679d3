"""What the window can show, described before anything of it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from inspector.analysis.past_database import PastDatabase
from inspector.engine import control
from inspector.store.reader import ClientDatabaseReader


class ServiceHandle(Protocol):
    """A service that this program has started and can start again."""

    def problem(self) -> control.Problem | None:
        """Why it is gone; None while it runs."""

    def restart(self) -> None:
        """At the same address with what it had; returns when it answers. Raises InspectorError."""


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A connection: what the engine is told, and how the window names it."""

    start: control.Start
    title: str
    demo: bool = False
    client: str = ""
    """Which one of several clients it is, as people call it."""
    service: ServiceHandle | None = None
    """None for a service that somebody else runs."""

    @property
    def files(self) -> tuple[Path, Path]:
        """The client database and the capture, there or not."""
        return Path(self.start.client_database), Path(self.start.capture)


@dataclass(frozen=True, slots=True)
class ClientsSource:
    """Several clients of one service, side by side; the first is shown at first."""

    clients: tuple[LiveSource, ...]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A client database or a capture."""

    path: Path


Source: TypeAlias = LiveSource | ClientsSource | FileSource


@dataclass(frozen=True, slots=True)
class Files:
    """The files that the panels read; None where the source has no such file."""

    capture: Path | None = None
    open_database: Callable[[], ClientDatabaseReader] | None = None
    """Opens a reader of its own for each thread; raises InspectorError."""
    no_database: str = ""
    """Why there is no client database, in sentences."""
    past: PastDatabase | None = None
    """Set while the client database is not the one of now: it is rebuilt from the capture, and read-only."""

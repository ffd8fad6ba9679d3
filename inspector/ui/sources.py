"""What the window can show, described before anything of it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from inspector.engine import control
from inspector.store.reader import ClientDatabaseReader


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A connection: what the engine is told, and how the window names it."""

    start: control.Start
    title: str
    demo: bool = False
    client: str = ""
    """Which one of several clients it is, as people call it."""


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

"""What the story needs of a client, and what it reads of one: the two files tell whether a step did what it says."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from inspector.analysis.story.shared_list import Item, read_items
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow
from inspector.engine import control
from inspector.protocol.errors import InspectorError
from inspector.service.groceries import BUCKET
from inspector.store.local_write import LocalWrite
from inspector.store.reader import ClientDatabaseReader

Read = TypeVar("Read")


class StoryClient(Protocol):
    """A client with an engine of its own. The story calls these from a thread of its own."""

    @property
    def name(self) -> str:
        """As people call it, such as `Bob`; the user's id is the same in small letters."""

    @property
    def status(self) -> control.Status | None:
        """The engine's last word; None when it is gone."""

    @property
    def client_database(self) -> Path:
        """May not be there yet."""

    @property
    def capture(self) -> Path:
        """May not be there yet."""

    def send(self, command: control.Command) -> None:
        """Tell the engine."""

    def start_afresh(self) -> None:
        """Begin anew with empty files, as on a new device; returns once the files are the new ones."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a capture had come: what follows is after it."""

    checkpoints: int
    connections: int
    mismatches: int
    uploads: int


class Device:
    """A client as the story's steps see it."""

    def __init__(self, client: StoryClient) -> None:
        self.client = client
        self.name = client.name
        self.user = client.name.lower()

    # What is done

    def send(self, command: control.Command) -> None:
        """Tell the engine."""
        self.client.send(command)

    def write(self, *rows: LocalWrite) -> None:
        """Change rows as the app would, in one transaction."""
        self.client.send(control.Write(rows))

    # What it says and has

    @property
    def status(self) -> control.Status:
        """The engine's last word; an empty one when it is gone."""
        return self.client.status or control.Status()

    @property
    def synced(self) -> bool:
        """Online, nothing is under way, and the newest checkpoint that came is shown."""
        status = self.status
        return (
            status.phase == "connected"
            and not status.first_sync
            and not status.receiving
            and not status.held
            and not status.pending_writes
            and status.shown_checkpoint == status.checkpoint
        )

    @property
    def gate_is_open(self) -> bool:
        """Nothing that was uploaded waits for the service's confirmation."""
        status = self.status
        return status.target_request is None or (status.seen_request or 0) >= status.target_request

    def items(self) -> tuple[Item, ...]:
        """The shared list as the app shows it."""
        return read_items(self.client.client_database)

    def item(self, item_id: str) -> Item | None:
        """One of its items."""
        return next((item for item in self.items() if item.id == item_id), None)

    def reads(self, item_id: str, description: str) -> bool:
        """Whether the item stands there with this text."""
        item = self.item(item_id)
        return item is not None and item.description == description

    def list_operations(self) -> int:
        """How many operations of the shared list this device has downloaded, with those that are superseded."""

        def read(reader: ClientDatabaseReader) -> int:
            buckets = [bucket for bucket in reader.buckets(fast=True) if bucket.name.endswith(BUCKET)]
            return sum((bucket.count_at_last or 0) + (bucket.count_since_last or 0) for bucket in buckets)

        try:
            with closing(ClientDatabaseReader(self.client.client_database)) as reader:
                return read(reader)
        except InspectorError:
            return 0

    # What its capture says

    def mark(self) -> Mark:
        """How far the capture is now."""
        return self._captured(
            lambda capture: Mark(
                len(capture.checkpoints.rows()),
                len(capture.connections()),
                len(capture.mismatches()),
                len(capture.uploads.rows()),
            ),
            Mark(0, 0, 0, 0),
        )

    def checkpoints(self, since: Mark) -> Sequence[CheckpointRow]:
        """The targets after a mark."""
        return self._captured(lambda capture: capture.checkpoints.rows()[since.checkpoints :], [])

    def confirmed(self, since: Mark) -> bool:
        """Whether a checkpoint with a write checkpoint was shown after a mark."""
        return any(
            checkpoint.write_checkpoint is not None and checkpoint.outcome == Outcome.APPLIED
            for checkpoint in self.checkpoints(since)
        )

    def partial_priorities(self) -> list[int]:
        """The priorities that were shown before a checkpoint was complete, in the order in which they were."""

        def read(capture: CaptureReader) -> list[int]:
            frames = capture.frames(1, 10_000)
            return [
                frame.priority for frame in frames if frame.outcome == Outcome.PARTIAL and frame.priority is not None
            ]

        return self._captured(read, [])

    def accepted_uploads(self, since: Mark) -> int:
        """How many transactions the backend has taken after a mark."""
        return self._captured(
            lambda capture: sum(
                upload.outcome == UploadOutcome.ACCEPTED for upload in capture.uploads.rows()[since.uploads :]
            ),
            0,
        )

    def connections(self, since: Mark) -> int:
        """How many streams were asked for after a mark."""
        return self._captured(lambda capture: len(capture.connections()) - since.connections, 0)

    def mismatches(self, since: Mark) -> list[str]:
        """The buckets that failed their checksum after a mark."""
        return self._captured(
            lambda capture: [mismatch.bucket for mismatch in capture.mismatches()[since.mismatches :]], []
        )

    def _captured(self, read: Callable[[CaptureReader], Read], without: Read) -> Read:
        """What `read` finds; `without` while there is no capture yet."""
        with suppress(InspectorError), CaptureReader(self.client.capture) as capture:
            return read(capture)
        return without

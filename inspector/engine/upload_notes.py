"""What the status and the events tell of uploads."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from inspector.engine.connectors import Delivery, UploadTrouble, words_for
from inspector.engine.control import Problem
from inspector.engine.recorder import Recorder
from inspector.protocol.errors import InspectorError
from inspector.protocol.service_errors import ServiceRefusal
from inspector.store.local_write import LocalWrite
from inspector.store.upload_queue import PendingTransaction, UploadQueue
from inspector.words import plural

_MOST_ENTRIES = 20
_MOST_BYTES = 16_384
"""What an event keeps of a local transaction."""


class UploadNotes:
    """Keeps the upload fields of the status true."""

    def __init__(self, recorder: Recorder, queue: UploadQueue) -> None:
        self._recorder = recorder
        self._status = recorder.status
        self._queue = queue
        self._tried_entry = 0
        self._written_at: dict[int, int] = {}

    def written(self, tx_id: int | None, rows: Sequence[LocalWrite]) -> None:
        """A local transaction was written; None when nothing of it is to be uploaded."""
        self._recorder.local_write(tx_id, rows)
        if tx_id is not None:
            self._written_at[tx_id] = time.time_ns()
            message = f"Transaction {tx_id} changes {plural(len(rows), 'row')} locally."
            details = {"transaction": tx_id} | self._what_was_written(tx_id, len(rows))
            self._recorder.note("info", "store", message, details)
        self.queue_changed()

    def attempted(self, transaction: PendingTransaction) -> None:
        """An upload begins; a second one of the same entry says that something is not right."""
        again = transaction.first_entry == self._tried_entry
        self._tried_entry = transaction.first_entry
        self._status.upload_attempts = self._status.upload_attempts + 1 if again else 1
        self._status.uploads = "uploading"
        if again:
            first = transaction.entries[0].words
            self._recorder.note(
                "warning",
                "uploads",
                f"{words_for(transaction).capitalize()} is uploaded again, attempt {self._status.upload_attempts}:"
                f" it is still the first in the queue, beginning with {first}.",
                _about(transaction),
            )

    def taken(self, transaction: PendingTransaction, delivery: Delivery) -> None:
        """The backend has it."""
        self._recorder.note(
            "info",
            "uploads",
            f"{words_for(transaction).capitalize()} was uploaded: {plural(len(transaction.entries), 'local write')}"
            f"{f', answered {delivery.status}' if delivery.status else ''}.",
            _about(transaction),
        )
        self._succeeded()

    def confirmed(self, gate: int) -> None:
        """The service has given a number for all that was uploaded."""
        message = f"Everything is uploaded. Downloads are shown from number {gate} on."
        self._recorder.note("info", "uploads", message, {"gate": gate})
        self._succeeded()

    def discarded(self, transaction: PendingTransaction) -> None:
        """A transaction has left the queue without an upload."""
        self._recorder.note(
            "warning",
            "uploads",
            f"{words_for(transaction).capitalize()} was discarded: {plural(len(transaction.entries), 'local write')}."
            " The rows get the service's values with the next checkpoint.",
        )
        if self._status.uploads == "failed":
            self._status.upload_problem = None

    def failed(self, error: InspectorError) -> None:
        """An upload, or asking for its confirmation, came to nothing."""
        code = (error.code or str(error.status)) if isinstance(error, ServiceRefusal) else ""
        if isinstance(error, UploadTrouble) and error.status is not None:
            code = str(error.status)
        self._status.upload_problem = Problem(error.what, error.why, error.next_step, code)
        self._status.uploads = "failed"
        about = {"entry": self._tried_entry} if isinstance(error, UploadTrouble) else None
        self._recorder.note("warning", "uploads", str(error), about)

    def queue_changed(self) -> None:
        """Tell of the oldest write, and forget when those were written that have gone."""
        first, tx_id = self._queue.oldest or (0, None)
        self._written_at = {tx: at for tx, at in self._written_at.items() if tx_id is not None and tx >= tx_id}
        self._status.oldest_transaction = tx_id
        self._status.oldest_write_at = None if tx_id is None else self._written_at.get(tx_id)
        if first != self._tried_entry:
            self._status.upload_attempts = 0
        self._recorder.uploads_changed()

    def _what_was_written(self, tx_id: int, rows: int) -> dict[str, Any]:
        """The first entries as they stand in the queue, so that a capture tells of writes that never leave it."""
        kept: list[dict[str, Any]] = []
        size = 0
        for entry in self._queue.written_last(tx_id, rows, _MOST_ENTRIES):
            if (fields := entry.fields) is None:
                break
            values = {"data": bytes(fields.data), "old": bytes(fields.old)}
            size += sum(len(text) for text in values.values())
            if size > _MOST_BYTES:
                break
            known = {name: msgspec.json.decode(text) for name, text in values.items() if text}
            kept.append({"op": fields.op, "type": fields.type, "id": fields.id, **known})
        return {"rows": rows, "entries": kept}

    def _succeeded(self) -> None:
        self._status.upload_problem = None
        self.queue_changed()


def _about(transaction: PendingTransaction) -> dict[str, int]:
    """Details that say which attempt an event tells of: the list of frames has the attempt itself."""
    return {"entry": transaction.first_entry}

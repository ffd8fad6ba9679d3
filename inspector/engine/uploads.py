"""Uploads local writes, oldest transaction first, and has the service confirm them (protocol §5).

    held ─go on→ idle ─a transaction waits→ uploading ─taken→ the next one, or the confirmation ─→ idle
    uploading ─not taken→ failed ─5 s, or by hand→ uploading

It runs beside the streams, for as long as the client wants to be connected: an upload needs the backend, not a stream.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import uniform

from inspector.capture.outcome import UploadOutcome
from inspector.engine.acknowledgements import Acknowledgements
from inspector.engine.backoff import FIRST_SECONDS
from inspector.engine.connectors import Connector, Delivery, UploadTrouble, batch_of, connector_for, words_for
from inspector.engine.control import Start
from inspector.engine.errors import SettingsError
from inspector.engine.recorder import Recorder
from inspector.engine.token_keeper import TokenKeeper
from inspector.engine.transport import Transport
from inspector.engine.upload_notes import UploadNotes
from inspector.protocol.errors import InspectorError
from inspector.store.database import ClientDatabase
from inspector.store.local_write import LocalWrite
from inspector.store.upload_queue import PendingTransaction, QueueError

_JITTER = 0.1


class Uploads:
    """The upload queue of one client at work. `on_confirmed` gets the gate each time the service was asked."""

    def __init__(
        self,
        start: Start,
        database: ClientDatabase,
        recorder: Recorder,
        transport: Transport,
        tokens: TokenKeeper,
        *,
        on_confirmed: Callable[[int], None],
        retry_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._database = database
        self._queue = database.queue
        self._recorder = recorder
        self._status = recorder.status
        self._tokens = tokens
        self._on_confirmed = on_confirmed
        self._retry_seconds = retry_seconds
        self._connector: Connector | None = connector_for(start.uploads, transport)
        self._acknowledgements = Acknowledgements(start.checkpoint_mode, database, transport, tokens, recorder)
        self._held = False
        self._active = False
        self._work: asyncio.Task[bool] | None = None
        self._sending: PendingTransaction | None = None
        self._taken_entry = 0
        self._notes = UploadNotes(recorder, self._queue)
        self._due = asyncio.Event()
        self._hurry = asyncio.Event()
        self._status.nowhere_to_upload = self._connector is None
        self._show_idle()
        self._notes.queue_changed()

    @property
    def held(self) -> bool:
        """Whether local writes stay here by the user's choice."""
        return self._held or self._connector is None

    def write(self, rows: Sequence[LocalWrite]) -> None:
        """Change rows locally in one transaction; raises WriteError."""
        self._notes.written(self._database.write(rows), rows)
        self._due.set()

    def upload_now(self) -> None:
        """Do not wait for the next try; raises SettingsError when nothing can be uploaded."""
        if self.held:
            raise SettingsError(
                "Local writes are held.",
                why="The connection has nowhere to upload to." if self._connector is None else "Somebody asked for it.",
                next_step="Connect with a backend to upload to." if self._connector is None else "Stop holding them.",
            )
        if not self._active:
            raise SettingsError("Local writes wait for the connection.", next_step="Connect, or go online.")
        self._hurry.set()
        self._due.set()

    def hold(self, hold: bool) -> None:
        """Stop after the transaction under way, or go on; raises SettingsError when there is nowhere to upload to."""
        if not hold and self._connector is None:
            raise SettingsError(
                "Local writes stay held.",
                why="The connection has nowhere to upload to.",
                next_step="Connect with a backend to upload to.",
            )
        self._held = hold
        self._recorder.note("info", "control", "Local writes are held." if hold else "Local writes are uploaded.")
        if self._status.uploads != "uploading":
            self._show_idle()
        self._hurry.set()
        self._due.set()

    def discard(self, tx_id: int | None) -> None:
        """Give up a transaction (None: the oldest); raises QueueError."""
        sending = self._sending
        if sending is not None and tx_id in (None, sending.tx_id):
            raise QueueError(
                f"{words_for(sending).capitalize()} is being uploaded.",
                why="Whether the backend takes it is not known yet.",
                next_step="Wait for the outcome, or hold uploads.",
            )
        discarded = self._queue.discard(tx_id)
        self._recorder.upload_ended(self._recorder.upload_started(discarded), UploadOutcome.DISCARDED)
        was_failing = self._status.uploads == "failed"
        self._notes.discarded(discarded)
        if was_failing:
            self._show_idle()
        self._notes.queue_changed()
        self._hurry.set()
        self._due.set()

    async def request_checkpoint(self) -> None:
        """Ask the service for a checkpoint; raises NotPossible, ConnectionTrouble or ServiceRefusal."""
        await self._acknowledgements.request_checkpoint()

    def set_active(self, active: bool) -> None:
        """Whether the client wants to be connected and may use the network; an upload under way is cut off."""
        if active is self._active:
            return
        self._active = active
        self._hurry.set()
        self._due.set()
        if not active and self._work is not None:
            self._work.cancel()

    @asynccontextmanager
    async def beside_stream(self) -> AsyncIterator[None]:
        """While a stream is open: numbers are agreed on with the service, and waiting writes are uploaded."""
        task = asyncio.create_task(self._acknowledgements.accompany_stream(self._due.set))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def run(self) -> None:
        """Upload whenever something waits, until cancelled."""
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                if not self._active:
                    self._show_idle()
                elif not await self._drain_once():
                    await self._pause()
        finally:
            if self._work is not None:
                self._work.cancel()
                await asyncio.wait({self._work})

    async def _drain_once(self) -> bool:
        """Upload all that waits; False after a failure."""
        self._hurry.clear()
        self._work = asyncio.create_task(self._drain())
        await asyncio.wait({self._work})
        cut_off = self._work.cancelled()
        good = cut_off or self._work.result()
        self._work = None
        if good:
            self._show_idle()
        return good

    async def _drain(self) -> bool:
        try:
            while await self._step():
                pass
        except InspectorError as error:
            self._notes.failed(error)
            return False
        return True

    async def _pause(self) -> None:
        """After a failure: the status says when the next try comes."""
        seconds = self._retry_seconds * uniform(1 - _JITTER, 1 + _JITTER)
        self._status.upload_retry_at = time.time_ns() + int(seconds * 1e9)
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._status.upload_retry_at = None
        self._due.set()

    async def _step(self) -> bool:
        """One transaction, or the confirmation of all; whether there may be more to do."""
        transaction = self._queue.next()
        if transaction is None:
            if self._status.uploads == "uploading":
                self._show_idle()
            return await self._confirm()
        if self.held or self._connector is None:
            return False
        if transaction.first_entry <= self._taken_entry:
            raise UploadTrouble(
                f"{words_for(transaction).capitalize()} is still in the upload queue, although the backend has it.",
                why="Taking it out had no effect, so it would be uploaded again and again.",
                next_step="Look for triggers on ps_crud; the next try comes by itself.",
            )
        self._notes.attempted(transaction)
        self._notes.taken(transaction, await self._send(self._connector, transaction))
        return True

    async def _send(self, connector: Connector, transaction: PendingTransaction) -> Delivery:
        credentials = await self._tokens.current()
        upload = self._recorder.upload_started(transaction)
        self._sending = transaction
        try:
            self._recorder.upload_sends(upload, batch_of(transaction))
            delivery = await connector.upload(transaction, credentials.token)
        except UploadTrouble as error:
            if error.status == 401:
                self._tokens.drop()
            self._recorder.upload_ended(upload, error.outcome, status=error.status, answer=error.answer or str(error))
            for sentence in error.entries:
                self._recorder.note("warning", "uploads", sentence)
            raise
        except asyncio.CancelledError:
            self._recorder.upload_ended(upload, UploadOutcome.FAILED, answer="Cut off before an answer came.")
            raise
        finally:
            self._sending = None
        self._taken_entry = transaction.last_entry
        self._queue.complete(transaction)
        self._recorder.upload_ended(upload, UploadOutcome.ACCEPTED, status=delivery.status, answer=delivery.answer)
        return delivery

    async def _confirm(self) -> bool:
        """With everything uploaded, ask the service for a number and wait for it; whether to look again."""
        if not self._queue.needs_acknowledgement or not self._acknowledgements.ready:
            return False
        sequence = self._queue.sequence
        gate = await self._acknowledgements.obtain()
        confirmed = self._queue.open_gate(gate, sequence)
        self._notes.queue_changed()
        if not confirmed:
            self._recorder.note("debug", "uploads", f"There are new local writes: number {gate} does not cover them.")
            return True
        self._notes.confirmed(gate)
        self._on_confirmed(gate)
        return True

    def _show_idle(self) -> None:
        self._status.uploads = "held" if self.held else "idle"

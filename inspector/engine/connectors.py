"""How local writes reach the app's backend, as the configuration says (protocol §5).

A connector is handed one transaction at a time and returns once the backend has it; it raises UploadTrouble otherwise.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import msgspec
from msgspec import Struct

from inspector.capture.outcome import UploadOutcome
from inspector.engine.control import BackendUpload, CommandUpload, Hold, UploadSettings
from inspector.engine.endpoint import host_of
from inspector.engine.http_trouble import trouble_of
from inspector.engine.proxy import proxy_for
from inspector.engine.shell_command import run_command
from inspector.engine.transport import Transport
from inspector.protocol.errors import InspectorError
from inspector.store.upload_queue import EntryFields, PendingTransaction

UPLOAD_SECONDS = 60.0
"""How long a backend or a command may take for one transaction."""

_BUSY = (408, 425, 429)
"""Answers that are about the moment, not about the writes."""
_LONGEST_ANSWER = 2_000


class UploadTrouble(InspectorError):
    """A transaction was not taken; `answer` is what was said about it, without secrets."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = "",
        outcome: UploadOutcome = UploadOutcome.FAILED,
        status: int | None = None,
        answer: str = "",
        entries: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.outcome = outcome
        self.status = status
        self.answer = answer
        self.entries = entries
        """What is wrong with single entries, a sentence each."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The backend has a transaction."""

    status: int | None
    answer: str


class Connector(Protocol):
    """Hands one transaction over; raises UploadTrouble."""

    async def upload(self, transaction: PendingTransaction, token: str) -> Delivery:
        """`token` is the user's."""


class _EntryError(Struct, frozen=True):
    op_id: int
    message: str


class _Answer(Struct, frozen=True):
    """What a backend's error may say."""

    error: Any = None
    message: str = ""
    errors: list[_EntryError] = []


def connector_for(settings: UploadSettings, transport: Transport) -> Connector | None:
    """The connector that was chosen; None for hold."""
    match settings:
        case Hold():
            return None
        case BackendUpload(url):
            return HttpConnector(url, transport)
        case CommandUpload(command):
            return CommandConnector(command)


def batch_of(transaction: PendingTransaction) -> bytes:
    """The JSON that a connector sends: see `BackendUpload`. Raises UploadTrouble for an entry that is none."""
    entries = []
    for entry in transaction.entries:
        if entry.fields is None:
            raise UploadTrouble(
                f"The pending write {entry.id} cannot be read.",
                why="Its row in ps_crud is no CRUD entry.",
                next_step="Discard its transaction; later ones wait for it.",
                outcome=UploadOutcome.REFUSED,
            )
        entries.append(_entry(entry.id, transaction.tx_id, entry.fields))
    return msgspec.json.encode({"batch": entries})


def _entry(entry_id: int, tx_id: int | None, fields: EntryFields) -> dict[str, Any]:
    """An entry as the SDKs write it: what it lacks is left out, and values keep their digits."""
    entry: dict[str, Any] = {"op_id": entry_id, "op": fields.op, "type": fields.type, "id": fields.id}
    if tx_id is not None:
        entry["tx_id"] = tx_id
    entry.update((name, value) for name, value in (("data", fields.data), ("old", fields.old)) if bytes(value))
    if fields.metadata is not None:
        entry["metadata"] = fields.metadata
    return entry


class HttpConnector:
    """Posts each transaction to a backend, with the user's token."""

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url
        self._transport = transport

    async def upload(self, transaction: PendingTransaction, token: str) -> Delivery:
        """Raises UploadTrouble."""
        batch = batch_of(transaction)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            answer = await self._transport.fetch(
                "POST", self._url, content=batch, headers=headers, timeout=UPLOAD_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error
        text = answer.text.replace(token, "<token>")[:_LONGEST_ANSWER]
        if answer.is_success:
            return Delivery(answer.status_code, text)
        raise _refusal(transaction, answer.status_code, text)

    def _unreachable(self, error: httpx.HTTPError | httpx.InvalidURL) -> UploadTrouble:
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            return UploadTrouble(
                "The backend's address is no web address.",
                why="It has to begin with https:// or http:// and name a host.",
                next_step="Give the address that takes uploads.",
            )
        trouble = trouble_of(error, "backend", proxy_for(self._url))
        return UploadTrouble(
            trouble.what,
            why=trouble.why,
            next_step=f"Check that the backend runs at {host_of(self._url)}. The writes are kept and tried again.",
        )


class CommandConnector:
    """Runs a command for each transaction; exit code 0 means that the backend has it."""

    def __init__(self, command: str) -> None:
        self._command = command

    async def upload(self, transaction: PendingTransaction, token: str) -> Delivery:  # noqa: ARG002
        """Raises UploadTrouble. The command gets no token."""
        try:
            result = await run_command(self._command, batch_of(transaction), UPLOAD_SECONDS)
        except TimeoutError:
            raise UploadTrouble(
                "The upload command does not end.",
                why=f"It was stopped after {UPLOAD_SECONDS:.0f} s.",
                next_step="Run it in a terminal to see what it waits for. The writes are kept and tried again.",
            ) from None
        if result.exit_code == 0:
            return Delivery(None, result.output[:_LONGEST_ANSWER])
        said = result.last_complaint[:_LONGEST_ANSWER]
        raise UploadTrouble(
            f"The upload command failed with exit code {result.exit_code}.",
            why=f"It says: {said.rstrip('.')}." if said else "It says nothing.",
            next_step="Correct the cause, or discard the transaction. It is kept and tried again.",
            answer=said,
        )


def _refusal(transaction: PendingTransaction, status: int, text: str) -> UploadTrouble:
    """An answer that is not 2xx."""
    said, entries = _said(transaction, text)
    why = " ".join([f"It answers {status}{f': {said}' if said else ''}".rstrip(".") + ".", *entries])
    if status == 401:
        return UploadTrouble(
            "The backend does not take the token.",
            why=why,
            next_step="Check that it is meant for this backend. The writes are kept and tried again.",
            outcome=UploadOutcome.REFUSED,
            status=status,
            answer=text,
        )
    if status in _BUSY or status >= 500:
        return UploadTrouble(
            "The backend cannot take local writes at present.",
            why=why,
            next_step="Look at the backend's log. The writes are kept and tried again.",
            status=status,
            answer=text,
            entries=entries,
        )
    return UploadTrouble(
        f"The backend refuses {words_for(transaction)}.",
        why=why,
        next_step="Correct the cause at the backend, or discard the transaction; later ones wait for it.",
        outcome=UploadOutcome.REFUSED,
        status=status,
        answer=text,
        entries=entries,
    )


def words_for(transaction: PendingTransaction) -> str:
    """How a transaction is called in sentences: by its id, or by its entry."""
    if transaction.tx_id is None:
        return f"the local write {transaction.first_entry}"
    return f"transaction {transaction.tx_id}"


def _said(transaction: PendingTransaction, text: str) -> tuple[str, tuple[str, ...]]:
    """The message in an error's body, and a sentence for each entry that it names."""
    try:
        answer = msgspec.json.decode(text, type=_Answer)
    except msgspec.MsgspecError:
        first_line = text.strip().partition("\n")[0]
        return ("" if first_line.startswith("<") else first_line[:200]), ()
    error = answer.error
    if isinstance(error, dict):
        error = error.get("description") or error.get("message") or error.get("code") or ""
    words = {entry.id: entry.words for entry in transaction.entries}
    entries = tuple(
        f"{words[wrong.op_id]}: {wrong.message.rstrip('.')}." for wrong in answer.errors if wrong.op_id in words
    )
    return str(error or answer.message), entries

"""Faults of the app's backend: how it takes uploads."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from inspector.service.errors import EntryError, backend_refusal
from inspector.service.faults.fault import Fault, Group, Parameter, Unit
from inspector.service.faults.lab import FaultLab
from inspector.words import plural

FAILURE = Fault(
    "backend-failure",
    "Backend failure",
    "The backend answers uploads with an error and applies nothing.",
    "The writes stay in the queue and are tried again; downloads are held back meanwhile.",
    Group.WRITES,
    Unit.UPLOAD,
    (Parameter("status", "HTTP status", 500, "", 400, 599),),
)
DELAY = Fault(
    "backend-delay",
    "Slow backend",
    "The backend takes its time with uploads.",
    "The writes are pending for longer, and downloads are held back meanwhile.",
    Group.WRITES,
    Unit.UPLOAD,
    (Parameter("seconds", "Later by", 5, "s", 0, 3_600),),
)
REFUSAL = Fault(
    "row-refused",
    "Refusal of one row",
    "The backend refuses an upload because of one of its rows.",
    "The whole transaction stays in the queue and blocks later ones until it is corrected or discarded.",
    Group.WRITES,
    Unit.UPLOAD,
    (
        Parameter("row", "Row id (empty: the first)", ""),
        Parameter("message", "Reason", "The row violates a rule of the backend"),
    ),
)
NOT_APPLIED = Fault(
    "not-applied",
    "Success answered but not applied",
    "The backend says that it has taken an upload, and does not apply it.",
    "The client drops the writes from its queue; with the next checkpoint its rows go back to the old values.",
    Group.WRITES,
    Unit.UPLOAD,
)
WRITE_FAULTS = (FAILURE, DELAY, REFUSAL, NOT_APPLIED)


class UploadedEntry(Protocol):
    """What a fault needs to know of a CRUD entry; `op_id` is its id in the client's queue."""

    @property
    def id(self) -> str: ...
    @property
    def op_id(self) -> int | None: ...


async def before_upload(lab: FaultLab, user: str, entries: Sequence[UploadedEntry]) -> bool:
    """Whether the batch is to be applied, after the wait that was asked for; raises Refusal."""
    if lab.quiet:
        return True
    if arming := lab.active(DELAY.name, user):
        lab.strike(arming, f"An upload had to wait for {arming.number('seconds')} s.", user=user)
        await _wait(arming.over, arming.number("seconds"))
    if arming := lab.active(FAILURE.name, user):
        status = arming.number("status")
        lab.strike(arming, f"An upload was answered {status}.", user=user)
        raise backend_refusal(status, "FAILURE", "The backend cannot take writes at present.")
    if (arming := lab.active(REFUSAL.name, user)) and (entry := _chosen(entries, arming.text("row"))):
        message = arming.text("message")
        lab.strike(arming, f"The row {entry.id} was refused: {message}.", user=user)
        raise backend_refusal(422, "ROW_REFUSED", f"{message}: {entry.id}", [EntryError(entry.op_id, message)])
    if arming := lab.active(NOT_APPLIED.name, user):
        what = f"An upload of {plural(len(entries), 'write')} was answered as taken, and was not applied."
        lab.strike(arming, what, user=user)
        return False
    return True


def _chosen(entries: Sequence[UploadedEntry], row: str) -> UploadedEntry | None:
    return next((entry for entry in entries if row in ("", entry.id)), None)


async def _wait(over: asyncio.Event, seconds: int) -> None:
    try:
        await asyncio.wait_for(over.wait(), seconds)
    except TimeoutError:
        return

"""Checks of the uploads of a capture: refused ones, forgotten ones, and those that the service never confirms."""

from collections.abc import Iterator
from itertools import pairwise

from inspector.analysis.checks.recent import checkpoints, uploads
from inspector.analysis.checks.recorded_evidence import checkpoint_evidence
from inspector.analysis.finding_types import (
    CAPTURE,
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.situations import Role
from inspector.capture.answers import answer_words
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import Outcome, UploadOutcome
from inspector.capture.rows import UploadRow
from inspector.words import NS, duration, moment, plural

_TRIED_ONCE_NS = 150 * NS
"""Longer than any client waits between two tries."""
_PATIENCE_NS = 60 * NS
_TEMPORARY = (408, 425, 429, 502, 503, 504)


def refused(material: Material) -> Iterator[Finding]:
    """The oldest transaction, which the backend refuses again and again."""
    tries = _last_run(_uploads(material))
    failed = [each for each in tries if each.outcome in (UploadOutcome.REFUSED, UploadOutcome.FAILED)]
    if len(failed) < 2 or tries[-1] not in failed:
        return
    last = failed[-1]
    status = "no answer" if last.status is None else f"HTTP {last.status}"
    for_good = last.status is not None and 400 <= last.status < 500 and last.status not in (*_TEMPORARY, 401)
    said = answer_words(last.answer)
    yield Finding(
        "uploads/recorded-refused",
        f"The backend has not taken transaction {last.tx_id} in {plural(len(failed), 'try', 'tries')}"
        if last.tx_id is not None
        else f"The backend has not taken a write in {plural(len(failed), 'try', 'tries')}",
        f"{status}{': ' + said if said else ''}.".replace("..", "."),
        Role.BROKEN,
        Certainty.CERTAIN,
        "The queue goes in order: what comes after it waits, and nothing downloaded is shown."
        + (
            " An answer of this kind says that the write will never be right, and a client tries it for ever."
            if for_good
            else " The answer is one that may pass by itself."
        ),
        "Answer with success and record the refused write elsewhere."
        if for_good
        else "Look at the backend's log at that time.",
        tuple(
            _evidence(
                each, f"{'no answer' if each.status is None else each.status} {answer_words(each.answer)}".strip()
            )
            for each in failed[-5:]
        ),
    )


def accepted_again(material: Material) -> Iterator[Finding]:
    """A transaction that was accepted and uploaded again."""
    accepted: dict[int, UploadRow] = {}
    for each in _uploads(material):
        if each.first_entry in accepted:
            yield Finding(
                f"uploads/accepted-again/{each.first_entry}",
                "An accepted upload was sent again",
                f"Entry {each.first_entry} was accepted and stayed in the queue.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "The backend took it, and the client did not take it off its queue: the connector does not complete the"
                " transaction, or removing it fails, as with two SDK versions on one file.",
                "Look at the connector: it has to complete what it has uploaded.",
                (_evidence(accepted[each.first_entry], "accepted"), _evidence(each, "sent again")),
            )
            return
        if each.outcome == UploadOutcome.ACCEPTED:
            accepted[each.first_entry] = each


def in_parts(material: Material) -> Iterator[Finding]:
    """Transactions whose entries were accepted in several requests."""
    accepted = [each for each in _uploads(material) if each.outcome == UploadOutcome.ACCEPTED]
    parts = [
        (one, other)
        for one, other in pairwise(accepted)
        if one.tx_id is not None and one.tx_id == other.tx_id and other.first_entry > one.last_entry
    ]
    if not parts:
        return
    count = len({one.tx_id for one, _ in parts})
    one, other = parts[-1]
    yield Finding(
        "uploads/in-parts",
        "A transaction was uploaded in parts"
        if count == 1
        else f"{plural(count, 'transaction')} were uploaded in parts",
        f"Transaction {one.tx_id}: entry {one.last_entry} and entry {other.first_entry} in two requests.",
        Role.HELD,
        Certainty.LIKELY,
        "What the app wrote in one transaction reaches the backend in several: others see it half done, and if a part"
        " is refused the rest stays. Kotlin's SDK before 1.0 offered one entry at a time; a connector that asks for"
        " batches of its own size does so on purpose.",
        "Upload by transaction: `getNextCrudTransaction` of a present SDK.",
        tuple(
            _evidence(each, f"entries {each.first_entry} to {each.last_entry}") for pair in parts[-2:] for each in pair
        ),
    )


def tried_once(material: Material) -> Iterator[Finding]:
    """An upload that failed and was not tried again, though there was a connection."""
    tries = _uploads(material)
    if not tries or tries[-1].outcome not in (UploadOutcome.REFUSED, UploadOutcome.FAILED):
        return
    last = tries[-1]
    ended = last.ended_at or last.started_at
    newest = capture_of(material).ask("SELECT max(received_at) FROM frames")[0][0]
    if newest is None or newest - ended < _TRIED_ONCE_NS:
        return
    yield Finding(
        "uploads/tried-once",
        "A failed upload was not tried again",
        f"The stream went on for {duration((newest - ended) / NS)} after it.",
        Role.HELD,
        Certainty.LIKELY,
        "A client tries again after a few seconds while it is connected. Some SDKs of 2026 left their upload loop at an"
        " error, until the next local write or a restart.",
        "Update the SDK; one more local write starts it again.",
        (_evidence(last, f"{last.outcome}"),),
    )


def never_confirmed(material: Material) -> Iterator[Finding]:
    """An upload that no checkpoint has confirmed since."""
    accepted = [each for each in _uploads(material) if each.outcome == UploadOutcome.ACCEPTED and each.ended_at]
    if not accepted:
        return
    last = accepted[-1]
    after = [each for each in checkpoints(material) if each.received_at > (last.ended_at or 0)]
    before = capture_of(material).ask(
        "SELECT max(write_checkpoint) FROM checkpoints WHERE received_at <= ?", last.ended_at or 0
    )[0][0]
    complete = [each for each in after if each.data_done_at is not None]
    if any(each.write_checkpoint is not None and each.write_checkpoint > (before or 0) for each in after):
        return
    newest = capture_of(material).ask("SELECT max(received_at) FROM frames")[0][0]
    waited = (newest or 0) - (last.ended_at or 0)
    if waited < _PATIENCE_NS:
        return
    yield Finding(
        "uploads/never-confirmed",
        "The last upload was never confirmed",
        f"{plural(len(complete), 'checkpoint')} came in the {duration(waited / NS)} after it, none with a new number.",
        Role.BROKEN if len(complete) >= 2 else Role.HELD,
        Certainty.CERTAIN if len(complete) >= 2 else Certainty.LIKELY,
        "A checkpoint carries the number of the last request once everything before it is in. None did: the service"
        " does not replicate, or the number belongs to another user or client id than the stream's.",
        "Look at the service's replication lag, and whether user and client id are the same for both calls.",
        (
            _evidence(last, "accepted"),
            *(
                checkpoint_evidence(each, f"write checkpoint {each.write_checkpoint or 'none'}")
                for each in complete[-3:]
            ),
        ),
    )


def refused_in_answer(material: Material) -> Iterator[Finding]:
    """An answer of success that speaks of an error."""
    for each in _uploads(material):
        text = (each.answer or "").lower()
        if each.outcome == UploadOutcome.ACCEPTED and any(
            word in text for word in ('"rejected"', '"errors"', '"failed"')
        ):
            yield Finding(
                f"uploads/refused-in-answer/{each.id}",
                "An accepted upload speaks of refused rows",
                f"{answer_words(each.answer)[:80].rstrip('.')}.",
                Role.HELD,
                Certainty.HINT,
                "The client takes an answer of success as it is and removes the write from its queue. If the backend"
                " has refused it, the next checkpoint turns the row back, and the user's change is gone.",
                "Tell the user of refused writes, in a table that is synced.",
                (_evidence(each, "its answer"),),
            )
            return


def skipped(material: Material) -> Iterator[Finding]:
    """Many checkpoints in a row that local writes held back."""
    rows = checkpoints(material)
    run = []
    for each in reversed(rows):
        if each.outcome not in (Outcome.HELD, Outcome.SKIPPED, Outcome.SUPERSEDED):
            break
        run.append(each)
    held = [each for each in run if each.outcome in (Outcome.HELD, Outcome.SKIPPED)]
    if len(held) < 3:
        return
    span = held[0].received_at - held[-1].received_at
    yield Finding(
        "uploads/holds-long",
        f"Local writes held back the last {plural(len(held), 'checkpoint')}",
        f"For {duration(span / NS)} at least.",
        Role.HELD,
        Certainty.CERTAIN,
        "Complete and valid checkpoints came and none was shown, because writes wait to be uploaded or confirmed.",
        "Look at the oldest write and at what the backend answers.",
        tuple(checkpoint_evidence(each, each.reason or str(each.outcome)) for each in held[:3]),
    )


def _uploads(material: Material) -> list[UploadRow]:
    return [each for each in uploads(material) if each.outcome != UploadOutcome.DISCARDED]


def _last_run(tries: list[UploadRow]) -> list[UploadRow]:
    """The attempts at the same first entry that the capture ends with."""
    run: list[UploadRow] = []
    for each in reversed(tries):
        if run and each.first_entry != run[-1].first_entry:
            break
        run.append(each)
    return run[::-1]


def _evidence(each: UploadRow, what: str) -> Evidence:
    name = f"upload {each.id}" if each.tx_id is None else f"transaction {each.tx_id}"
    where = f"{name}, {moment(each.started_at, each.started_at)}"
    return Evidence(where, what, "uploads", happening=key_of(HappeningKind.UPLOAD, each.id))


CHECKS = (
    Check(
        "uploads/recorded-refused",
        "Writes that the backend refuses",
        "the attempts to upload",
        CAPTURE,
        refused,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/accepted-again",
        "Accepted writes that are sent again",
        "the attempts to upload",
        RECORDED,
        accepted_again,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/in-parts",
        "Transactions that are uploaded in parts",
        "the attempts to upload",
        CAPTURE,
        in_parts,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/tried-once",
        "Failed uploads that nobody repeats",
        "the attempts to upload",
        CAPTURE,
        tried_once,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/never-confirmed",
        "Uploads that no checkpoint confirms",
        "uploads and write checkpoints",
        CAPTURE,
        never_confirmed,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/refused-in-answer",
        "Refusals within an answer of success",
        "the backend's answers",
        RECORDED,
        refused_in_answer,
        Needs.CAPTURE,
    ),
    Check(
        "uploads/holds-long",
        "Checkpoints that local writes hold back one after the other",
        "checkpoints' outcomes",
        CAPTURE,
        skipped,
        Needs.CAPTURE,
    ),
)

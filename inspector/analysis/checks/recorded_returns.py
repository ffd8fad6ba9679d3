"""Checks of what became of uploaded rows: taken with success, and not in the data that confirm it."""

from collections.abc import Iterator

from inspector.analysis.checks.recent import once, uploads
from inspector.analysis.checks.recorded_evidence import checkpoint_evidence
from inspector.analysis.checks.words import LISTED, row_evidence, short_row
from inspector.analysis.finding_types import (
    RECORDED,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.situations import Live, Role
from inspector.analysis.upload_returns import Return, returns_of
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import UploadOutcome
from inspector.words import NS, clock, duration, plural

_MOST, _AT_ONCE = 500, 10
"""Uploads that are judged, and of a session that goes on those that are judged in one go."""


class UploadReturns:
    """Rows that turned back after their upload was confirmed; each upload is judged once."""

    def __init__(self) -> None:
        self._judged: set[int] = set()
        self._found: list[Return] = []

    def __call__(self, material: Material) -> Iterator[Finding]:
        reader = capture_of(material)
        now = material.now_ns
        if not isinstance(material.situation, Live):
            now = reader.ask("SELECT coalesce(max(received_at), 0) FROM frames")[0][0]
        waiting = [
            each
            for each in uploads(material)[-_MOST:]
            if each.outcome == UploadOutcome.ACCEPTED and each.tx_id is not None and each.id not in self._judged
        ]
        for upload in waiting[:_AT_ONCE] if isinstance(material.situation, Live) else waiting:
            returns = returns_of(reader, upload, now)
            material.progress.add()
            if returns is not None:
                self._judged.add(upload.id)
                self._found += returns
        left_out = [each for each in self._found if each.kept]
        if left_out:
            yield _left_out(left_out)
        lost = [each for each in self._found if each.came_at is None and not each.other_id]
        if lost:
            yield _turned_back(lost)
        renamed = [each for each in self._found if each.other_id]
        if renamed:
            yield _other_id(renamed)
        late = [each for each in self._found if each.came_at is not None and not each.kept]
        if late:
            yield _confirmed_early(late)


def _turned_back(lost: list[Return]) -> Finding:
    last = lost[-1]
    sure = not last.is_new
    return Finding(
        "uploads/turned-back",
        "An uploaded write was taken, and turned back"
        if len(lost) == 1
        else f"{plural(len(lost), 'uploaded write')} were taken, and turned back",
        f"{short_row(last.write.type, last.write.id)} turned back at {clock(last.confirmed.published_at or 0)}.",
        Role.BROKEN,
        Certainty.CERTAIN if sure else Certainty.LIKELY,
        "The backend answered with success, a checkpoint confirmed the upload, and no operation of the row came with"
        " it: the row shows again what it showed before the write. The backend did not apply the write, or it swallows"
        " its own errors, or it writes to another database than the one that the service replicates."
        + ("" if sure else " Of a new row there is another explanation: no stream gives it to this user."),
        "Look at what the backend does with such a write. One that it cannot take had better be told to the user, in a"
        " table that is synced.",
        tuple(each for it in lost[-LISTED:] for each in _evidence(it)),
    )


def _confirmed_early(late: list[Return]) -> Finding:
    last = late[-1]
    took = duration(((last.came_at or 0) - (last.confirmed.published_at or 0)) / NS)
    return Finding(
        "uploads/confirmed-early",
        "An upload was confirmed before its data came"
        if len(late) == 1
        else f"{plural(len(late), 'upload')} were confirmed before their data came",
        f"{short_row(last.write.type, last.write.id)} came {took} later.",
        Role.HELD,
        Certainty.CERTAIN,
        "The checkpoint that confirms an upload has to have its data. Here they came after it: for that time the row"
        " showed its old values, then the written ones again. The backend answers before the write is in the database"
        " that the service replicates: it puts it into a queue, or into another database first.",
        "Have the backend answer once the write is committed there, or ask for the write checkpoint later.",
        tuple(each for it in late[-LISTED:] for each in _evidence(it)),
    )


def _other_id(renamed: list[Return]) -> Finding:
    last = renamed[-1]
    row_type, row_id = last.write.type, last.write.id
    return Finding(
        "uploads/other-id",
        "A new row came back under another id"
        if len(renamed) == 1
        else f"{plural(len(renamed), 'new row')} came back under other ids",
        f"{short_row(row_type, row_id)} is {short_row(row_type, last.other_id)} now.",
        Role.HELD,
        Certainty.LIKELY,
        "The row was uploaded and confirmed without an operation of its own, and meanwhile one with the same values"
        " came under another id: the backend gives ids of its own. What refers to the first id leads nowhere, and a"
        " screen that shows the row loses it. Another user's row of the same values looks the same.",
        "Have the backend keep the id that the client has given.",
        (
            *_evidence(last),
            row_evidence(row_type, last.other_id, "has the same values"),
        ),
    )


def _left_out(found: list[Return]) -> Finding:
    last = found[-1]
    row, columns = short_row(last.write.type, last.write.id), ", ".join(last.kept[:3])
    emptied = any(name in (last.write.data or {}) for name in last.kept)
    return Finding(
        "uploads/left-out",
        "A column that was emptied has its old value again"
        if len(found) == 1
        else f"{plural(len(found), 'row')} have old values again in columns that were emptied",
        f"{columns} of {row} came back as before the write.",
        Role.HELD if emptied else Role.IDLE,
        Certainty.LIKELY if emptied else Certainty.HINT,
        f"The whole row was written, without a value for `{columns}`. A PUT leaves out columns that are null, and the"
        " service sent the row with what was written and the old value there: the backend sets only the columns that"
        " come, as for a PATCH, and keeps the others."
        + ("" if emptied else " Of a column that the client's schema does not have, that is how it is meant."),
        "Have the backend set the columns that a PUT leaves out to null, or write the change as an UPDATE: a PATCH"
        " names the columns that become null.",
        tuple(each for it in found[-LISTED:] for each in _evidence(it)),
    )


def _evidence(each: Return) -> Iterator[Evidence]:
    row = (each.write.type, each.write.id)
    columns = ", ".join(each.write.data or ())
    yield Evidence(
        f"transaction {each.upload.tx_id}",
        f"{each.write.op} {short_row(*row)}{': ' + columns if columns else ''}",
        "uploads",
        row=row,
        happening=key_of(HappeningKind.UPLOAD, each.upload.id),
    )
    brought = f"with the old {', '.join(each.kept)}" if each.kept else "without the row"
    yield checkpoint_evidence(each.confirmed, f"confirms it as {each.confirmed.write_checkpoint}, {brought}")


CHECKS = (
    Check(
        "uploads/returns",
        "Uploaded rows that turn back",
        "uploads, and what came with their confirmation",
        RECORDED,
        once(UploadReturns),
        Needs.CAPTURE,
        follow=UploadReturns,
    ),
)

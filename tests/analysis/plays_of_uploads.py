"""Recordings in which uploads went wrong."""

from inspector.capture.outcome import UploadOutcome
from tests.analysis.tape import Tape


def refusing_backend(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    for _ in range(3):
        tape.upload(UploadOutcome.REFUSED, 422, '{"error": "the title is too long"}')
        tape.wait(5)
    tape.end()


def uploaded_twice(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.wait(5)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.end()


def tried_once(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.FAILED)
    tape.keepalives(10)
    tape.end()


def unconfirmed(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10, write=3)
    tape.complete(10)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    for op_id in (11, 12, 13):
        tape.keepalives(2)
        tape.checkpoint(op_id, write=3)
        tape.complete(op_id)
    tape.end()


def refused_rows(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.upload(UploadOutcome.ACCEPTED, 200, '{"rejected": ["t1"]}')
    tape.end()


def upload_of(tape: Tape, tx_id: int, first: int, last: int) -> None:
    upload = tape.writer.upload_started(tx_id, first, last)
    tape.writer.upload_ended(upload, UploadOutcome.ACCEPTED, status=200)


def in_parts(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    upload_of(tape, 7, 1, 1)
    upload_of(tape, 7, 2, 3)
    tape.end()


def written_offline(tape: Tape) -> None:
    tape.writer.local_write(7, 1, connected=False, writes=b'[{"op":"DELETE","type":"todos","id":"t1"}]')
    tape.wait(60)
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(2)
    tape.end()


def written_after_uploads(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10, write=3)
    tape.complete(10)
    upload_of(tape, 6, 1, 1)
    tape.checkpoint(11, write=4)
    tape.complete(11)
    tape.end("The connection was lost.")
    written_offline(tape)


def ask_in_vain(tape: Tape, path: str, status: int = 404) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    for _ in range(3):
        tape.writer.event("debug", "uploads", "It was answered.", {"asked": path, "status": status})
        tape.wait(5)
    tape.end()


def asked_in_vain(tape: Tape) -> None:
    ask_in_vain(tape, "//write-checkpoint2.json")

"""Recordings that look odd and are sound."""

from inspector.capture.outcome import UploadOutcome
from tests.analysis.plays_of_uploads import (
    ask_in_vain,
    upload_of,
    written_offline,
)
from tests.analysis.plays_that_go_wrong import (
    never_reached,
    update,
)
from tests.analysis.tape import BEGIN, BUCKET, S, Tape


def token_ends(tape: Tape) -> None:
    tape.connect(expires=BEGIN + 600 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(30)
    tape.say({"token_expires_in": 0})
    tape.end()
    tape.wait(1)
    tape.connect(after="10", expires=BEGIN + 1300 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def one_refusal(tape: Tape) -> None:
    tape.connect(status=401, expires=BEGIN)
    tape.end("The token has expired.")
    tape.wait(1)
    tape.connect(expires=BEGIN + 600 * S)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def idle_for_hours(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(400)
    tape.end()


def busy_source(tape: Tape) -> None:
    tape.connect()
    for op_id in range(10, 30):
        tape.checkpoint(op_id)
        tape.data(op_id)
        tape.wait(3)
    tape.complete(29)
    tape.end()


def upload_is_confirmed(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.upload(UploadOutcome.FAILED)
    tape.wait(5)
    tape.upload(UploadOutcome.ACCEPTED, 200)
    tape.wait(2)
    tape.checkpoint(11)
    tape.complete(11)
    tape.wait(2)
    tape.checkpoint(12, write=1)
    tape.complete(12)
    tape.keepalives(5)
    tape.end()


def held_for_long(tape: Tape) -> None:
    """A checkpoint that waits for local writes is not slow to be shown."""
    tape.connect()
    frame = tape.say({"checkpoint": {"last_op_id": "10", "buckets": [{"bucket": BUCKET, "checksum": 0, "count": 0}]}})
    tape.writer.checkpoint_data_done(tape.connection)
    tape.writer.checkpoint_validated(tape.connection)
    tape.writer.checkpoint_held(tape.connection, frame, 1)
    tape.wait(20)
    tape.writer.checkpoint_published(tape.connection, frame)
    tape.end()


def keys_that_stay(tape: Tape) -> None:
    """Rows that are removed and put again, with the identity that they had."""
    tape.connect()
    tape.checkpoint(10)
    for at in range(6):
        update(tape, at, f"same-{at}", f"same-{at}")
    tape.end()


def two_transactions(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    upload_of(tape, 7, 1, 3)
    upload_of(tape, 8, 4, 4)
    tape.end()


def ended_before_its_first_line(tape: Tape) -> None:
    tape.connect()
    tape.wait(3)
    tape.end("It was asked to stop.")


def one_try_that_came_to_nothing(tape: Tape) -> None:
    never_reached(tape)
    tape.wait(5)
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()
    tape.wait(5)
    never_reached(tape)


def ends_that_are_answered_at_once(tape: Tape) -> None:
    for pause in (0.2, 0.5, 5, 60):
        tape.connect(after="10")
        tape.checkpoint(10)
        tape.complete(10)
        tape.keepalives(2)
        tape.end("The token has expired." if pause < 1 else "The connection was lost.")
        tape.wait(pause)


def held_by_choice(tape: Tape) -> None:
    tape.writer.event("info", "control", "Local writes are held.")
    written_offline(tape)


def behind_one_that_fails(tape: Tape) -> None:
    """The queue goes in order."""
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.writer.local_write(8, 1, connected=True, writes=None)
    tape.upload(UploadOutcome.FAILED)
    tape.keepalives(2)
    tape.upload(UploadOutcome.FAILED)
    tape.end()


def written_a_moment_ago(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.keepalives(4)
    tape.writer.local_write(7, 1, connected=True, writes=None)
    tape.wait(3)
    tape.end()


def asked_and_answered_at_last(tape: Tape) -> None:
    ask_in_vain(tape, "/sync/checkpoint-request", 503)
    tape.writer.event("info", "uploads", "Everything is uploaded.", {"gate": 5})


def a_service_without_checkpoint_requests(tape: Tape) -> None:
    ask_in_vain(tape, "/sync/checkpoint-request")


HEALTHY = (
    one_try_that_came_to_nothing,
    a_service_without_checkpoint_requests,
    ends_that_are_answered_at_once,
    held_by_choice,
    written_a_moment_ago,
    asked_and_answered_at_last,
    token_ends,
    one_refusal,
    idle_for_hours,
    busy_source,
    upload_is_confirmed,
    held_for_long,
    keys_that_stay,
    two_transactions,
    ended_before_its_first_line,
)

"""Recordings in which something went wrong, each with the finding that it has to have."""

import json
from collections.abc import Callable
from email.utils import formatdate

from inspector.analysis.finding_types import Certainty
from inspector.protocol.checksums import put_checksum, remove_checksum
from tests.analysis.plays_of_uploads import (
    asked_in_vain,
    in_parts,
    refused_rows,
    refusing_backend,
    tried_once,
    unconfirmed,
    uploaded_twice,
    written_after_uploads,
    written_offline,
)
from tests.analysis.tape import BEGIN, BUCKET, S, Tape


def refused(tape: Tape) -> None:
    for _ in range(2):
        tape.connect(status=401)
        tape.end("The service refuses the token.")
        tape.wait(5)


def same_token(tape: Tape) -> None:
    for _ in range(3):
        tape.connect(status=401, expires=BEGIN - S)
        tape.end("The token has expired.")
        tape.wait(5)


def loop(tape: Tape) -> None:
    for _ in range(6):
        tape.connect()
        tape.checkpoint(10)
        tape.wait(2)
        tape.end("The connection was cut.")
        tape.wait(5)


def silence(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.wait(90)
    tape.keepalives(1)
    tape.end()


def late(tape: Tape) -> None:
    tape.connect()
    tape.wait(30)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def burst(tape: Tape) -> None:
    tape.connect()
    tape.wait(300)
    tape.checkpoint(10)
    for at in range(4):
        tape.data(at * 10)
    tape.complete(10)
    tape.end()


def skewed(tape: Tape) -> None:
    tape.connect(headers={"Date": formatdate(BEGIN / S - 600, usegmt=True)})
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def cached(tape: Tape) -> None:
    tape.connect(headers={"Age": "12", "X-Cache": "HIT"})
    tape.checkpoint(10)
    tape.end()


def overlapping(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    first = tape.connection
    tape.wait(10)
    tape.connect()
    tape.checkpoint(10)
    tape.wait(20)
    tape.end()
    tape.connection = first
    tape.end()


def large(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.data(1, size=2_500_000)
    tape.end()


def garbage(tape: Tape) -> None:
    tape.connect()
    tape.say(b"<html>502 Bad Gateway</html>")
    tape.end()


def backwards(tape: Tape) -> None:
    for op_id in (100, 60):
        tape.connect()
        tape.checkpoint(op_id)
        tape.complete(op_id)
        tape.wait(3)
        tape.end()


def ahead(tape: Tape) -> None:
    tape.connect(after="500")
    tape.checkpoint(100)
    tape.complete(100)
    tape.end()


def unfinished(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(100)
    tape.data(1)
    tape.keepalives(5)
    tape.end()


def again(tape: Tape) -> None:
    for _ in range(3):
        tape.connect()
        tape.checkpoint(5_000)
        tape.data(1, count=1_000)
        tape.wait(60)
        tape.end("The connection was cut.")


def unknown_stream(tape: Tape) -> None:
    tape.connect(streams=[{"stream": "note", "parameters": None, "override_priority": None}])
    tape.checkpoint(10, streams=[{"name": "notes", "is_default": False, "errors": []}])
    tape.complete(10)
    tape.end()


def token_had_ended(tape: Tape) -> None:
    for _ in range(2):
        tape.connect(status=401, expires=BEGIN - 60 * S)
        tape.end("The token has expired.")
        tape.wait(5)


def gate_as_a_bucket(tape: Tape) -> None:
    tape.connect(buckets=(BUCKET, "$local"))
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def started_over(tape: Tape) -> None:
    tape.connect(after="5")
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()
    tape.wait(20)
    tape.connect(client="another", buckets=())
    tape.checkpoint(5_000)
    tape.data(1, count=1_000)
    tape.complete(5_000)
    tape.end()


def no_line_at_all(tape: Tape) -> None:
    for _ in range(2):
        tape.connect()
        tape.wait(60)
        tape.end("The connection has gone silent.")


def slow_first(tape: Tape) -> None:
    tape.connect()
    tape.wait(20)
    tape.checkpoint(10)
    tape.complete(10)
    tape.end()


def slow_to_show(tape: Tape) -> None:
    tape.connect()
    frame = tape.say({"checkpoint": {"last_op_id": "10", "buckets": [{"bucket": BUCKET, "checksum": 0, "count": 3}]}})
    tape.data(1, count=3)
    tape.writer.checkpoint_data_done(tape.connection)
    tape.wait(12)
    tape.writer.checkpoint_validated(tape.connection)
    tape.writer.checkpoint_published(tape.connection, frame)
    tape.end()


def without_bucket(tape: Tape) -> None:
    tape.connect(buckets=())
    tape.say({"checkpoint": {"last_op_id": "10", "buckets": []}})
    tape.complete(10)
    tape.end()


def update(tape: Tape, at: int, removed: str, put: str) -> None:
    row = {"object_type": "todos", "object_id": f"t{at}"}
    data = json.dumps({"a": at})
    gone = {"op_id": str(at), "op": "REMOVE", "subkey": removed, "checksum": remove_checksum(removed), **row}
    checksum = put_checksum("todos", f"t{at}", data)
    new = {"op_id": str(at + 1), "op": "PUT", "subkey": put, "checksum": checksum, "data": data, **row}
    tape.say({"data": {"bucket": BUCKET, "after": "0", "has_more": False, "data": [gone, new], "next_after": "1"}})


def doubled_updates(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    for at in range(6):
        update(tape, at, f"before-{at}", f"after-{at}")
    tape.end()


def silent_to_its_end(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.wait(60)
    tape.end("The connection has gone silent.")


def keepalives_alone(tape: Tape) -> None:
    for _ in range(2):
        tape.connect()
        tape.keepalives(3)
        tape.end()
        tape.wait(30)


def pauses_after_good_ends(tape: Tape) -> None:
    for reason in ("The token has expired.", "The service ended it.", "It was asked to stop."):
        tape.connect()
        tape.checkpoint(10)
        tape.complete(10)
        tape.keepalives(2)
        tape.end(reason)
        tape.wait(5)


def never_reached(tape: Tape) -> None:
    tape.connect(status=None)
    tape.end("The connection was lost. The service at x cannot be reached. Nothing accepts connections there.")


def out_of_reach_at_last(tape: Tape) -> None:
    tape.connect()
    tape.checkpoint(10)
    tape.complete(10)
    tape.end("The connection was lost. The connection was lost.")
    for _ in range(3):
        tape.wait(5)
        never_reached(tape)


def mislabelled(tape: Tape) -> None:
    tape.connect(status=503, headers={"Content-Encoding": "gzip"}, encoding="gzip")
    message = "The error says that it is compressed with gzip, and is plain text."
    tape.writer.event("warning", "transport", message, {"connection": tape.connection, "mislabelled": "gzip"})
    tape.end("The connection was lost. The endpoint answers 503.")


CASES: tuple[tuple[str, Callable[[Tape], None], Certainty], ...] = (
    ("connections/refused", refused, Certainty.CERTAIN),
    ("token/same-again/1", same_token, Certainty.LIKELY),
    ("token/had-ended", token_had_ended, Certainty.CERTAIN),
    ("requests/local-bucket", gate_as_a_bucket, Certainty.CERTAIN),
    ("requests/started-over/2", started_over, Certainty.LIKELY),
    ("connections/loop", loop, Certainty.CERTAIN),
    ("connections/silence", silence, Certainty.LIKELY),
    ("connections/late-first-line/1", late, Certainty.LIKELY),
    ("connections/burst/1", burst, Certainty.LIKELY),
    ("connections/clock", skewed, Certainty.CERTAIN),
    ("connections/cached", cached, Certainty.CERTAIN),
    ("connections/overlap/1", overlapping, Certainty.CERTAIN),
    ("frames/large", large, Certainty.HINT),
    ("frames/unreadable", garbage, Certainty.CERTAIN),
    ("checkpoints/goes-back/2", backwards, Certainty.LIKELY),
    ("checkpoints/client-ahead/1", ahead, Certainty.CERTAIN),
    ("checkpoints/never-complete/1", unfinished, Certainty.CERTAIN),
    ("checkpoints/same-again", again, Certainty.LIKELY),
    ("streams/recorded-0", unknown_stream, Certainty.CERTAIN),
    ("uploads/recorded-refused", refusing_backend, Certainty.CERTAIN),
    ("uploads/accepted-again/1", uploaded_twice, Certainty.CERTAIN),
    ("uploads/tried-once", tried_once, Certainty.LIKELY),
    ("uploads/never-confirmed", unconfirmed, Certainty.CERTAIN),
    ("uploads/refused-in-answer/1", refused_rows, Certainty.HINT),
    ("uploads/in-parts", in_parts, Certainty.LIKELY),
    ("connections/no-line", no_line_at_all, Certainty.LIKELY),
    ("connections/slow-first-checkpoint", slow_first, Certainty.HINT),
    ("checkpoints/slow-to-show", slow_to_show, Certainty.LIKELY),
    ("checkpoints/no-bucket", without_bucket, Certainty.HINT),
    ("operations/doubled-updates/todos", doubled_updates, Certainty.LIKELY),
    ("connections/silence", silent_to_its_end, Certainty.LIKELY),
    ("checkpoints/none-at-all", keepalives_alone, Certainty.LIKELY),
    ("connections/waits-after-end", pauses_after_good_ends, Certainty.LIKELY),
    ("connections/wrong-encoding", mislabelled, Certainty.CERTAIN),
    ("connections/unreachable", never_reached, Certainty.CERTAIN),
    ("connections/unreachable", out_of_reach_at_last, Certainty.HINT),
    ("uploads/never-tried", written_offline, Certainty.HINT),
    ("uploads/never-tried", written_after_uploads, Certainty.LIKELY),
    ("uploads/not-asked", asked_in_vain, Certainty.CERTAIN),
)

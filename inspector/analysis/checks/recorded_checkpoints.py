"""Checks of the checkpoints of a capture: those that go back, that are never complete, that bring the same again."""

from collections.abc import Iterator
from itertools import pairwise

from inspector.analysis.checks.recent import checkpoints, connections
from inspector.analysis.checks.recorded_evidence import checkpoint_evidence, connection_evidence, frame_evidence
from inspector.analysis.checks.recorded_request import request_of
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
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.outcome import Outcome
from inspector.capture.rows import ConnectionRow
from inspector.protocol.lines import Checkpoint, decode_line
from inspector.protocol.stream_problems import stream_problems
from inspector.words import NS, duration, plural, thousands

_IDLE_NS = 60 * NS
_AGAIN_OPERATIONS = 1_000
_NO_CHECKPOINT_NS, _FEWEST_KEEPALIVES = 45 * NS, 2


def goes_back(material: Material) -> Iterator[Finding]:
    """A checkpoint with a lower op id than one before it."""
    for before, after in pairwise(checkpoints(material)):
        if after.op_id < before.op_id:
            yield Finding(
                f"checkpoints/goes-back/{after.id}",
                f"The service went back from checkpoint {before.op_id} to {after.op_id}",
                "After a new connection." if after.connection != before.connection else "In one stream.",
                Role.HELD,
                Certainty.LIKELY,
                "Processes of the service that have stopped hearing of new checkpoints serve older ones, or the service"
                " was restored. Users see yesterday's state on some connections.",
                "Compare what each process of the service says, and restart the one that lags.",
                (checkpoint_evidence(before, "before"), checkpoint_evidence(after, "after it")),
            )
            return


def ahead_of_service(material: Material) -> Iterator[Finding]:
    """A client that has more than the service."""
    firsts = {each.connection: each for each in reversed(checkpoints(material))}
    for connection in connections(material):
        first = firsts.get(connection.id)
        newest = max((int(it.after) for it in request_of(connection).buckets if it.after.isdecimal()), default=0)
        if first is not None and newest > first.op_id:
            yield Finding(
                f"checkpoints/client-ahead/{connection.id}",
                "The client is ahead of the service",
                f"It asks after operation {newest}, and the checkpoint is {first.op_id}.",
                Role.HELD,
                Certainty.CERTAIN,
                "The service's history is older than the client's, or another one: it was restored or replaced. Buckets"
                " fail their checksums and are downloaded anew; writes that wait for a checkpoint request may hang.",
                "Look whether the service lags for a moment. If not, clients have to sync anew.",
                (checkpoint_evidence(first, f"asked after {newest}"),),
            )
            return


def never_complete(material: Material) -> Iterator[Finding]:
    """A checkpoint that was announced and never completed, though the stream was idle."""
    reader = capture_of(material)
    ends = {each.id: (each.first_frame or 0) + each.frames for each in connections(material)}
    for each in checkpoints(material):
        if each.outcome not in (Outcome.RECEIVING, Outcome.INTERRUPTED, Outcome.SUPERSEDED):
            continue
        sql = (
            "SELECT max(received_at), max(CASE WHEN kind <> 'token_expires_in' THEN received_at END),"
            " count(*) FILTER (WHERE kind = 'data') FROM frames WHERE connection = ? AND id >= ? AND id <"
            " min(?, ifnull((SELECT frame FROM checkpoints WHERE id = ?), 1 << 62))"
        )
        end = ends.get(each.connection, 0)
        last, busy, data = reader.ask(sql, each.connection, each.frame, end, each.id + 1)[0]
        if busy is None or last - busy < _IDLE_NS:
            continue
        yield Finding(
            f"checkpoints/never-complete/{each.id}",
            f"Checkpoint {each.op_id} was announced and not completed",
            f"Only keepalives came for {duration((last - busy) / NS)}.",
            Role.BROKEN,
            Certainty.CERTAIN if data else Certainty.LIKELY,
            "The stream is open and idle, and the line that completes the checkpoint does not come. "
            + (
                "Data came, the end did not: a proxy keeps the tail, or the service has lost its place."
                if data
                else "No data line came at all, while small lines pass: packets above a size are dropped on the"
                " way, or the service waits for its storage."
            ),
            "Connect from another network, and to the service directly.",
            (checkpoint_evidence(each, str(each.outcome)),),
        )
        return


def none_at_all(material: Material) -> Iterator[Finding]:
    """Streams that stay open with keepalives alone, though a stream begins with a checkpoint."""
    reader = capture_of(material)
    without = []
    for each in connections(material):
        until = each.ended_at or material.now_ns
        if each.first_frame is None or until - each.started_at < _NO_CHECKPOINT_NS:
            continue
        sql = "SELECT count(*), count(*) FILTER (WHERE kind = 'token_expires_in') FROM frames WHERE id >= ? AND id < ?"
        if reader.frames(each.first_frame, 1)[0].kind != "token_expires_in":
            continue
        count, keepalives = reader.ask(sql, each.first_frame, each.first_frame + each.frames)[0]
        if count == keepalives >= _FEWEST_KEEPALIVES:
            without.append((each, keepalives))
    if not without:
        return
    last, keepalives = without[-1]
    yield Finding(
        "checkpoints/none-at-all",
        "A stream brings keepalives and no checkpoint"
        if len(without) == 1
        else f"{plural(len(without), 'stream')} brought keepalives and no checkpoint",
        f"{plural(keepalives, 'keepalive')}, and nothing else, on connection {last.id}.",
        Role.BROKEN,
        Certainty.LIKELY,
        "A stream begins with a checkpoint. Here small lines come and it does not: packets above a size are lost on the"
        " way (a VPN, a tunnel, a mobile network that does not say so), or the service waits for its storage and has no"
        " checkpoint yet.",
        "Connect from another network: if the checkpoint comes there, lower the MTU on the way. If not, look at the"
        " service's log.",
        tuple(connection_evidence(each, f"{plural(count, 'keepalive')} alone") for each, count in without[-5:]),
    )


def same_again(material: Material) -> Iterator[Finding]:
    """The same operations, connection after connection."""
    large = [each for each in connections(material) if each.operations >= _AGAIN_OPERATIONS]
    for one, other in pairwise(large):
        if _positions(one) == _positions(other) and one.operations == other.operations:
            count = sum(_positions(each) == _positions(one) and each.operations == one.operations for each in large)
            yield Finding(
                "checkpoints/same-again",
                f"The same {plural(one.operations, 'operation')} came {plural(count, 'time')}",
                "The client asked from the same positions each time.",
                Role.BROKEN,
                Certainty.LIKELY,
                "What was downloaded is not kept: its checkpoint never completes, fails its checksums, or the client"
                " cannot store it.",
                "Look at what ends each of the connections.",
                tuple(
                    Evidence(
                        f"connection {each.id}",
                        f"{thousands(each.operations)} operations; {each.end_reason or 'open'}",
                        "frames",
                        happening=key_of(HappeningKind.REQUEST, each.id),
                    )
                    for each in (one, other)
                ),
            )
            return


def stream_errors(material: Material) -> Iterator[Finding]:
    """Streams that are unknown to the service, or fail there."""
    reader = capture_of(material)
    newest = reader.last_connection()
    found = reader.ask(
        "SELECT max(frame) FROM checkpoints WHERE id = base AND connection = ?", newest.id if newest else 0
    )
    frame = reader.frame(int(found[0][0])) if found and found[0][0] is not None else None
    if newest is None or frame is None:
        return
    line = decode_line(frame.body, frame.format)
    if not isinstance(line, Checkpoint):
        return
    for number, problem in enumerate(stream_problems(request_of(newest).streams, line.streams)):
        yield Finding(
            f"streams/recorded-{number}",
            problem.what.rstrip("."),
            problem.why,
            Role.HELD,
            Certainty.CERTAIN,
            f"{problem.what} {problem.why}",
            problem.next_step,
            (frame_evidence(frame.row.id, "its streams"),),
        )


def _positions(connection: ConnectionRow) -> dict[str, str]:
    return {each.name: each.after for each in request_of(connection).buckets}


CHECKS = (
    Check(
        "checkpoints/goes-back",
        "A service that goes back",
        "the checkpoints' op ids",
        RECORDED,
        goes_back,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/client-ahead",
        "A client that has more than the service",
        "requests and checkpoints",
        RECORDED,
        ahead_of_service,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/never-complete",
        "Checkpoints that are never completed",
        "lines after each checkpoint",
        RECORDED,
        never_complete,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/none-at-all",
        "Streams without a checkpoint",
        "the lines of each connection",
        RECORDED,
        none_at_all,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/same-again",
        "Operations that are downloaded again",
        "requests and what they brought",
        RECORDED,
        same_again,
        Needs.CAPTURE,
    ),
    Check(
        "streams/recorded",
        "Streams that give nothing",
        "the streams of the newest checkpoint",
        CAPTURE,
        stream_errors,
        Needs.CAPTURE,
    ),
)

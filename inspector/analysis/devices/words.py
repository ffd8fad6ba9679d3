"""What there is to say of a thing in the lanes of several devices: figures first, then why. No Qt."""

from collections.abc import Mapping
from typing import TypeAlias

from inspector.analysis.devices.gate import ClosedGate
from inspector.analysis.devices.history import DeviceHistory
from inspector.analysis.devices.local_writes import LocalTransaction
from inspector.analysis.devices.sendings import Sending
from inspector.analysis.timeline_words import clock, describe, outcome_words, precise_span
from inspector.capture.answers import answer_words
from inspector.capture.outcome import UploadOutcome
from inspector.capture.rows import CheckpointRow, UploadRow
from inspector.capture.timeline_rows import ConnectionSpan, OfflineSpan
from inspector.words import NS, duration, plural

Thing: TypeAlias = ConnectionSpan | OfflineSpan | LocalTransaction | UploadRow | CheckpointRow | ClosedGate | Sending


def device_words(name: str, thing: Thing, now: int) -> str:
    """Lines of text about something of the device of `name`; of the service's where that is empty."""
    match thing:
        case ConnectionSpan() | OfflineSpan():
            return f"{name}: {describe(thing, now)}"
        case LocalTransaction():
            return _transaction(name, thing)
        case UploadRow():
            return _attempt(name, thing)
        case CheckpointRow():
            return _arrival(name, thing)
        case ClosedGate():
            return _gate(name, thing, now)
        case Sending():
            return "\n".join([_sending(thing), *(_arrival(who, arrival) for who, arrival in thing.arrivals)])


def lanes_sentences(devices: Mapping[str, DeviceHistory], now: int) -> str:
    """How the devices are now, for a screen reader."""
    return " ".join(_now(name, device, now) for name, device in devices.items())


def _now(name: str, device: DeviceHistory, now: int) -> str:
    gate = device.gates[-1] if device.gates else None
    closed = gate is not None and gate.opened_at is None
    said = f"{name}'s gate is {gate.words}." if closed and gate is not None else f"{name}'s gate is open."
    waiting = [each.words for each in device.written if each.waits]
    if waiting:
        said += f" Not uploaded: {', '.join(waiting)}."
    if device.offline and device.offline[-1].ended_at is None:
        return f"{name} has been offline for {duration((now - device.offline[-1].started_at) / NS)}. {said}"
    return said


def _transaction(name: str, written: LocalTransaction) -> str:
    lines = [f"{name}: {written.words}"]
    where = " offline" if written.offline else ""
    lines.append(f"{clock(written.at)}  written{where}, transaction {written.tx_id}, {plural(written.rows, 'row')}")
    if written.failures:
        last = written.failures[-1]
        lines.append(f"{clock(last.started_at)}  {_outcome(last)}, {plural(len(written.failures), 'failed attempt')}")
    accepted = written.accepted
    if accepted is not None and accepted.ended_at is not None:
        lines.append(f"{clock(accepted.ended_at)}  uploaded, after {precise_span(accepted.ended_at - written.at)}")
    elif written.given_up_at is not None:
        lines.append(f"{clock(written.given_up_at)}  discarded: the service never had it")
    else:
        lines.append("It is not uploaded.")
    return "\n".join(lines)


def _attempt(name: str, attempt: UploadRow) -> str:
    lines = [f"{name}'s transaction {attempt.tx_id}: {_outcome(attempt)}", clock(attempt.started_at)]
    if said := answer_words(attempt.answer):
        lines.append(said)
    return "\n".join(lines)


def _outcome(attempt: UploadRow) -> str:
    if attempt.outcome == UploadOutcome.REFUSED and attempt.status is not None:
        return f"refused with {attempt.status}"
    return str(attempt.outcome)


def _sending(sending: Sending) -> str:
    """Captures are the devices': the moment at which the service sent something is in none of them."""
    (name, _), *others = sending.arrivals
    first = " first" if others else ""
    return (
        f"Checkpoint {sending.op_id} reached {name}{first}, at {clock(sending.at)}."
        " When the service sent it is not recorded."
    )


def _arrival(name: str, arrival: CheckpointRow) -> str:
    """`Bob: checkpoint 2213 was applied, 12 ms after its first line at 14:03:38.200`."""
    said = f"{name}: checkpoint {arrival.op_id} {outcome_words(arrival.outcome)}"
    if arrival.published_at is not None:
        said += f", {precise_span(arrival.published_at - arrival.received_at)} after its first line"
    said += f" at {clock(arrival.received_at)}"
    return f"{said}\n{arrival.reason}" if arrival.reason else said


def _gate(name: str, gate: ClosedGate, now: int) -> str:
    length = precise_span((gate.opened_at or now) - gate.closed_at)
    what = plural(gate.writes, "local write")
    if gate.opened_at is None:
        return (
            f"{name}'s gate is closed since {clock(gate.closed_at)}, {length}, by {what}.\n"
            "Downloads are not shown before the service confirms what was written."
        )
    return f"{name}'s gate was closed by {what} from {clock(gate.closed_at)} to {clock(gate.opened_at)}, {length}."

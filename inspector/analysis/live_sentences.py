"""The state sentence of a connection: of everything that is true at once, the one thing to read first.

The order in `describe_live` is the precedence. What stops the sync and needs a person comes first (off, offline,
refused, a token that ends without a next one), then a lost connection, then what went wrong with the data, then
what is held back, then progress; "up to date" is what remains.
"""

from dataclasses import replace
from pathlib import PurePath

from inspector.analysis.fault_words import fault_words
from inspector.analysis.problem_words import advice, cause, join, sentence
from inspector.analysis.silence_sentences import (
    SILENCE_NS,
    describe_no_checkpoint,
    describe_silence,
    silent_for,
    stands_still,
    waiting_writes,
)
from inspector.analysis.situations import Action, Role, StateSentence
from inspector.analysis.upload_sentences import (
    describe_held,
    describe_waiting_for_service,
    gate_is_closed,
    upload_actions,
    upload_trouble,
    uploads_normally,
)
from inspector.engine.control import Mismatch, Problem, Status
from inspector.engine.endpoint import host_of
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.service_errors import at_endpoint
from inspector.words import NS, ago, countdown, duration, ordinal, plural, thousands

TOKEN_WARNING_NS = 30 * NS
"""From here on clients fetch the next token (protocol §4, keepalive)."""

FIRST_RATE_NS = 3 * NS
"""A first sync has to go on for so long before its rate tells what is left."""

RATE_HOLDS_NS = 5 * NS
"""Where nothing has come for so long, the rate until then tells nothing."""


def describe_live(status: Status, now_ns: int) -> StateSentence:
    """The state sentence of a connection; injected faults come before its cause, for they may be that."""
    state = _describe(status, now_ns)
    faults = fault_words(status, now_ns, fine=state.role in (Role.FINE, Role.IDLE))
    return replace(state, then=join(faults, state.then, _copy_words(status)))


def _copy_words(status: Status) -> str:
    """What is shown is not the file that was named."""
    return (
        f"A migrated copy of {PurePath(status.original_database).name} is synced." if status.original_database else ""
    )


def _describe(status: Status, now_ns: int) -> StateSentence:
    """The precedence between the states is here."""
    if status.phase in ("idle", "stopped"):
        return _disconnected(status)
    if status.phase == "offline":
        return _offline(status)
    if status.phase == "refused":
        return _refused(status, now_ns)
    if status.phase != "connected" and status.no_token and status.problem is not None:
        return _without_token(status, status.problem, now_ns)
    if status.phase != "connected" and not _reconnects_for_mismatch(status):
        return _lost(status, now_ns) if _was_connected(status) and status.problem else _connecting(status, now_ns)
    if _token_ends(status, now_ns) and not status.token_source:
        return _token_running_out(status, now_ns)
    if status.mismatch is not None:
        return _mismatch(status, status.mismatch, now_ns)
    if silent_for(status, now_ns) >= SILENCE_NS:
        return describe_silence(status, now_ns)
    return _data_flow(status, now_ns)


def _data_flow(status: Status, now_ns: int) -> StateSentence:
    """The states of a stream that is open and sound."""
    if status.held and status.pending_writes:
        return describe_held(status, now_ns)
    if gate_is_closed(status.target_request, status.seen_request) and not status.pending_writes:
        return describe_waiting_for_service(status, now_ns)
    if status.checkpoint is None and status.shown_checkpoint is None:
        return describe_no_checkpoint(status, now_ns)
    if status.first_sync:
        return _first_sync(status, now_ns)
    if status.receiving or (status.checkpoint or 0) > (status.shown_checkpoint or 0):
        return _receiving(status, now_ns)
    if _token_ends(status, now_ns):
        return _token_running_out(status, now_ns)
    return _up_to_date(status, now_ns)


def _was_connected(status: Status) -> bool:
    """Whether an answer has come before; the name of the transport stays when a connection ends."""
    return status.connected_at is not None or bool(status.transport)


def _reconnects_for_mismatch(status: Status) -> bool:
    """A mismatch ends the stream on purpose: nothing is lost, unless another error has come since."""
    mismatch, problem = status.mismatch, status.problem
    return mismatch is not None and (problem is None or mismatch.bucket in str(problem))


def _token_ends(status: Status, now_ns: int) -> bool:
    return status.token_expires_at is not None and status.token_expires_at - now_ns <= TOKEN_WARNING_NS


def _next_try(status: Status, now_ns: int) -> str:
    if status.retry_at is None or status.retry_at <= now_ns:
        return ""
    return f"The next try is in {countdown(status.retry_at, now_ns)}."


def _disconnected(status: Status) -> StateSentence:
    lead = "The sync engine stopped." if status.phase == "stopped" else f"Not connected to {host_of(status.endpoint)}."
    action = Action.RESTART_ENGINE if status.phase == "stopped" else Action.TRY_NOW
    reason = advice(status.problem, lead) if status.problem else ""
    then = join(reason, waiting_writes(status, "the connection")) or "Nothing is downloaded or uploaded."
    return StateSentence(lead, then, Role.BROKEN if status.problem else Role.IDLE, (action,))


def _offline(status: Status) -> StateSentence:
    if status.pending_writes:
        verb = "waits" if status.pending_writes == 1 else "wait"
        then, role = f"{plural(status.pending_writes, 'write')} {verb} for the connection.", Role.HELD
    elif gate_is_closed(status.target_request, status.seen_request):
        then, role = "All writes are uploaded; the service has not confirmed them yet.", Role.HELD
    else:
        then, role = "No writes wait.", Role.IDLE
    return StateSentence("Offline, working locally.", then, role, (Action.GO_ONLINE,))


def _refused(status: Status, now_ns: int) -> StateSentence:
    problem = status.problem or Problem("The service refuses the token.", "It gave no reason.")
    # Without a code it was not the service that was asked: the only token there is will be judged in the same way.
    judged_here = status.problem is not None and not problem.code
    lead = sentence(problem.what) if judged_here else "The service refuses the token."
    reason = join(cause(problem, lead), sentence(problem.next_step))
    retry = "" if judged_here and not status.token_source else _next_try(status, now_ns)
    wanted = at_endpoint(problem.code, status.endpoint)
    then = join(reason, wanted, retry, waiting_writes(status, "the connection"))
    action = Action.REFRESH_TOKEN if status.token_source else Action.CONNECT
    return StateSentence(lead, then, Role.BROKEN, (action, Action.DISCONNECT))


def _without_token(status: Status, problem: Problem, now_ns: int) -> StateSentence:
    """The service may be well: nothing was asked of it."""
    retry = "Trying again." if status.phase == "connecting" else _next_try(status, now_ns)
    then = join(advice(problem), retry, waiting_writes(status, "the connection"))
    actions = (Action.TRY_NOW, Action.DISCONNECT) if status.phase == "waiting" else (Action.DISCONNECT,)
    return StateSentence("There is no token to connect with.", then, Role.BROKEN, actions)


def _connecting(status: Status, now_ns: int) -> StateSentence:
    attempt = f"This is attempt {thousands(status.attempt)}." if status.attempt > 1 else ""
    if status.problem is None:
        then = join(attempt, _next_try(status, now_ns))
        return StateSentence(f"Connecting to {host_of(status.endpoint)}.", then, Role.DATA, (Action.DISCONNECT,))
    if status.phase != "waiting":
        then = join(advice(status.problem), attempt)
        return StateSentence(f"Connecting to {host_of(status.endpoint)}.", then, Role.BROKEN, (Action.DISCONNECT,))
    # What helps comes before the cause: a narrow window may cut the end.
    then = join(_next_try(status, now_ns), sentence(status.problem.next_step), cause(status.problem), attempt)
    return StateSentence(sentence(status.problem.what), then, Role.BROKEN, (Action.TRY_NOW, Action.DISCONNECT))


def _lost(status: Status, now_ns: int) -> StateSentence:
    lead = "The connection was lost."
    reason = advice(status.problem, lead) if status.problem else ""
    retry = _next_try(status, now_ns)
    if status.phase == "connecting":
        retry = f"Connecting again, attempt {thousands(max(1, status.attempt))}."
    then = join(reason, retry, waiting_writes(status, "the connection"))
    actions = (Action.TRY_NOW, Action.DISCONNECT) if status.phase == "waiting" else (Action.DISCONNECT,)
    return StateSentence(lead, then, Role.BROKEN, actions)


def _token_running_out(status: Status, now_ns: int) -> StateSentence:
    at = status.token_expires_at or 0
    lead = f"The token ends in {countdown(at, now_ns)}." if at > now_ns else "The token has ended."
    if status.token_source:
        then = f"The next one comes from {status.token_source}."
        return StateSentence(lead, then, Role.IDLE, (Action.REFRESH_TOKEN,))
    then = "No source for the next one is known: connect with a new token to go on syncing."
    return StateSentence(lead, then, Role.HELD, (Action.CONNECT,))


def _mismatch(status: Status, mismatch: Mismatch, now_ns: int) -> StateSentence:
    nth = f", for the {ordinal(mismatch.times)} time" if mismatch.times > 1 else ""
    again = "is downloading again" if status.phase == "connected" else "downloads again once the stream is open"
    if status.retry_at is not None and status.retry_at > now_ns:
        again = f"downloads again in {countdown(status.retry_at, now_ns)}"
    progress = f"The first sync is at {_percentage(status)}." if status.first_sync and status.operations_total else ""
    then = join(f"It was deleted and {again}{nth}.", progress, waiting_writes(status, "upload"))
    bucket = parse_bucket_name(mismatch.bucket).short
    return StateSentence(f"Bucket {bucket} did not match its checksum.", then, Role.BROKEN, (Action.SHOW_BUCKET,))


def _percentage(status: Status) -> str:
    done = min(max(status.operations_done, 0), status.operations_total)
    return f"{100 * done // status.operations_total} %"


def _progress(status: Status) -> str:
    done = min(max(status.operations_done, 0), status.operations_total)
    return f"{thousands(done)} of {plural(status.operations_total, 'operation')}"


def _time_left(status: Status, now_ns: int) -> str:
    """From the rate of this connection; empty while that tells nothing."""
    received = status.operations_received - status.operations_before
    missing = status.operations_total - status.operations_done
    took = now_ns - status.connected_at if status.connected_at is not None else 0
    rests = now_ns - status.progressed_at if status.progressed_at is not None else 0
    if took < FIRST_RATE_NS or received <= 0 or missing <= 0 or rests > RATE_HOLDS_NS:
        return ""
    seconds = missing * took / received / NS
    return "Less than a minute is left." if seconds < 60 else f"About {duration(seconds)} left."


def _first_sync(status: Status, now_ns: int) -> StateSentence:
    if not status.operations_total:
        return _receiving(status, now_ns)
    priority, role = "", Role.DATA
    if (complete := status.complete_priority) is not None:
        role = Role.PARTIAL
        priority = f"; priority {complete} is complete"
        if complete > 1:
            priority = f"; priorities up to {complete} are complete"
    progress = f"{_progress(status)}{priority}."
    still = stands_still(status, now_ns)
    then = join(progress, still or _time_left(status, now_ns), waiting_writes(status, "upload"))
    return StateSentence(f"First sync: {_percentage(status)}.", then, Role.HELD if still else role)


def _receiving(status: Status, now_ns: int) -> StateSentence:
    progress = f"{_progress(status)}." if status.operations_total else "It has no operations."
    still = stands_still(status, now_ns)
    then = join(progress, still, waiting_writes(status, "upload"))
    return StateSentence(f"Receiving checkpoint {status.checkpoint}.", then, Role.HELD if still else Role.DATA)


def _up_to_date(status: Status, now_ns: int) -> StateSentence:
    if status.last_change_at is None:
        age = "No change has arrived since connecting."
    else:
        age = f"The last change came {ago(status.last_change_at, now_ns)}."
    lead = f"Up to date with checkpoint {status.shown_checkpoint}."
    if not status.pending_writes:
        return StateSentence(lead, age, Role.FINE)
    if uploads_normally(status, now_ns):
        is_being = "is" if status.pending_writes == 1 else "are"
        now = f"{plural(status.pending_writes, 'local write')} {is_being} being uploaded."
        return StateSentence(lead, join(age, now), Role.FINE)
    are = "is" if status.pending_writes == 1 else "are"
    writes = f"{plural(status.pending_writes, 'local write')} {are} not uploaded yet."
    then = join(writes, upload_trouble(status, now_ns), age)
    return StateSentence(lead, then, Role.HELD, upload_actions(status))

"""The state sentence while local writes are on their way: held downloads, failing uploads, what is to be confirmed."""

from inspector.analysis.problem_words import advice, cause, join, sentence
from inspector.analysis.situations import Action, Role, StateSentence
from inspector.engine.control import Status
from inspector.store.schema import GATE_CLOSED
from inspector.words import NS, ago, duration, plural

NORMAL_WAIT_NS = 10 * NS
"""What a local write may take until it is uploaded, and as long again until it is confirmed.

A client posts a checkpoint request again after this time (protocol §5), so a service is expected to be faster; and an
upload that failed once is tried again after 5 s, so after 10 s it has failed twice, or has no answer for that long.
"""

NOWHERE = (
    "This connection has nowhere to upload to: connect again and say, at “Local writes”, which backend or command"
    " takes them."
)


def gate_is_closed(target: int | None, seen: int | None) -> bool:
    """Whether downloads wait until the service confirms a checkpoint request (protocol §4, publish)."""
    return target is not None and (seen is None or seen < target)


def describe_held(status: Status, now_ns: int) -> StateSentence:
    """A checkpoint is not shown, because local writes wait."""
    checkpoint = "new data" if status.checkpoint is None else f"checkpoint {status.checkpoint}"
    if uploads_normally(status, now_ns):
        is_shown = "is" if status.checkpoint is not None else "are"
        confirmed = "it is" if status.pending_writes == 1 else "they are"
        then = f"{checkpoint[0].upper()}{checkpoint[1:]} {is_shown} shown when {confirmed} confirmed."
        lead = f"Uploading {plural(status.pending_writes, 'local write')}."
        return StateSentence(lead, join(then, "A few seconds are normal."), Role.IDLE, (Action.SHOW_WRITE,))
    are = "is" if status.pending_writes == 1 else "are"
    writes = f"{plural(status.pending_writes, 'local write')} {are} not uploaded, so {checkpoint} cannot be shown yet."
    then = join(writes, upload_trouble(status, now_ns))
    return StateSentence("Downloads are held back.", then, Role.HELD, upload_actions(status))


def uploads_normally(status: Status, now_ns: int) -> bool:
    """Whether what waits is on its way, without an error and not for too long: nothing that calls for anybody."""
    if status.uploads not in ("idle", "uploading") or status.upload_problem is not None or status.upload_attempts > 1:
        return False
    since = _uploading_since(status)
    return since is not None and now_ns - since <= NORMAL_WAIT_NS


def _uploading_since(status: Status) -> int | None:
    """From when on the oldest write could be uploaded: a connection uploads what it finds."""
    return max((at for at in (status.oldest_write_at, status.connected_at) if at is not None), default=None)


def upload_trouble(status: Status, now_ns: int) -> str:
    """Why the local writes are not uploaded."""
    problem = status.upload_problem
    if problem is None:
        if status.uploads == "held":
            return NOWHERE if status.nowhere_to_upload else "Uploads are held by choice."
        since = _uploading_since(status)
        return "" if since is None else f"Uploading has taken {duration((now_ns - since) / NS)} so far."
    again = f" {plural(status.upload_attempts, 'time')}" if status.upload_attempts > 1 else ""
    said = problem.why.removeprefix(f"It answers {problem.code}: ").removesuffix(".")
    if problem.code.isdigit() and said != problem.why.removesuffix("."):
        oldest = "It" if status.pending_writes == 1 else "The oldest"
        return f"{oldest} was refused{again}: {problem.code} {said}."
    return join(sentence(problem.what), f"It was tried{again}." if again else "", cause(problem))


def upload_actions(status: Status) -> tuple[Action, ...]:
    """What helps local writes that are not uploaded."""
    if status.uploads == "held":
        helps = Action.CONNECT if status.nowhere_to_upload else Action.RESUME_UPLOADS
        return (helps, Action.SHOW_WRITE, Action.DISCARD)
    retry = (Action.RETRY_UPLOAD,) if status.uploads == "failed" else ()
    return (Action.SHOW_WRITE, *retry, Action.DISCARD)


def describe_waiting_for_service(status: Status, now_ns: int) -> StateSentence:
    """All writes are uploaded, and the checkpoint request has not been seen yet."""
    since = status.waiting_since
    when = f" {ago(since, now_ns)}" if since is not None else ""
    if status.target_request == GATE_CLOSED:
        request = f"All writes were uploaded{when}; the checkpoint request is not made yet."
    else:
        seen = "none was seen yet" if status.seen_request is None else f"the last one seen is {status.seen_request}"
        request = f"Checkpoint request {status.target_request} was made{when}; {seen}."
    held = f"Checkpoint {status.checkpoint} cannot be shown before." if status.held and status.checkpoint else ""
    if status.upload_problem is not None:
        trouble = advice(status.upload_problem)
        return StateSentence("Uploaded; waiting for the service.", join(request, trouble, held), Role.HELD)
    if since is not None and now_ns - since <= NORMAL_WAIT_NS:
        return StateSentence(
            "Uploaded; waiting for the service.", join(request, "A few seconds are normal."), Role.IDLE
        )
    role = Role.HELD if since is not None or status.held else Role.IDLE
    return StateSentence("Uploaded; waiting for the service.", join(request, held), role)

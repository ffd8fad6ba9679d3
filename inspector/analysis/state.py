"""The state sentence: what is going on, in words, with its cause and the actions that help.

It is computed here and nowhere else, from the same facts that the panels show: `describe(situation, now_ns)`, and
`describe_past` while the user looks at a moment before now.
The sentences of a connection are in `live_sentences.py`, those of files in `file_sentences.py`.
"""

from typing import assert_never

from inspector.analysis.file_sentences import describe_capture, describe_database
from inspector.analysis.live_sentences import describe_live
from inspector.analysis.problem_words import advice, join, sentence
from inspector.analysis.situations import (
    Action,
    CaptureFile,
    DatabaseFile,
    EngineGone,
    Live,
    NothingOpen,
    Opening,
    PastData,
    PastMoment,
    Role,
    Situation,
    StateSentence,
    Unreadable,
)
from inspector.engine.control import Problem, Status
from inspector.words import clock, moment, plural, thousands

__all__ = [
    "Action",
    "CaptureFile",
    "DatabaseFile",
    "EngineGone",
    "Live",
    "NothingOpen",
    "Opening",
    "PastData",
    "PastMoment",
    "Role",
    "Situation",
    "StateSentence",
    "Unreadable",
    "describe",
    "describe_past",
]


def describe(situation: Situation, now_ns: int) -> StateSentence:
    """The state sentence for a situation; `now_ns` since the Unix epoch is what ages are counted from."""
    match situation:
        case NothingOpen():
            return StateSentence(
                "Nothing is open.",
                "Connect, open a file, or start the demo.",
                Role.IDLE,
                (Action.CONNECT, Action.OPEN_FILE, Action.START_DEMO),
            )
        case Opening(name):
            return StateSentence(f"Opening {name}.", "", Role.IDLE)
        case Live(status, service_gone):
            return describe_live(status, now_ns) if service_gone is None else _without_service(status, service_gone)
        case EngineGone(problem):
            lead = "The sync engine stopped."
            then = advice(problem, lead) or "It gave no reason."
            return StateSentence(lead, then, Role.BROKEN, (Action.RESTART_ENGINE,))
        case DatabaseFile():
            return describe_database(situation, now_ns)
        case CaptureFile():
            return describe_capture(situation, now_ns)
        case Unreadable(problem):
            lead = sentence(problem.what)
            return StateSentence(lead, advice(problem, lead), Role.BROKEN, (Action.OPEN_FILE,))
    assert_never(situation)


def _without_service(status: Status, problem: Problem) -> StateSentence:
    """The demo's own service has ended: no client can sync, whatever else is true of it."""
    writes = plural(status.pending_writes, "local write") if status.pending_writes else ""
    waiting = f"{writes} {'waits' if status.pending_writes == 1 else 'wait'} for it." if writes else ""
    lead = sentence(problem.what)
    return StateSentence(lead, join(advice(problem, lead), waiting), Role.BROKEN, (Action.RESTART_SERVICE,))


def describe_past(past: PastMoment, situation: Situation, now_ns: int) -> StateSentence:
    """The state sentence while the user looks at `past`; what is going on meanwhile follows, so that nothing is missed.

    Of a capture all moments are past, and its own sentence is about its end.
    """
    at = clock(past.at)
    if day := moment(past.at, now_ns).rpartition(", ")[0]:
        at = f"{day}, {at}"
    which = "before the first checkpoint" if past.checkpoint is None else f"checkpoint {past.checkpoint}"
    showed = ""
    if past.checkpoint is not None:
        showed = "The tables showed no checkpoint." if past.shown is None else f"The tables showed {past.shown}."
        if past.shown == past.checkpoint:
            showed = "The tables showed it."
    present = describe(situation, now_ns)
    live = isinstance(situation, Live)
    meanwhile = f"Now: {present.lead}" if live or isinstance(situation, EngineGone) else ""
    role = present.role if live and present.role in (Role.BROKEN, Role.HELD) else Role.CHECKPOINT
    data, actions = _data_of_then(past.data)
    if past.data.name == "present":
        told = join(showed, data)
    elif past.data.name == "shown" and past.shown != past.checkpoint:
        told = join(data, showed.replace("showed", "show"))
    else:
        told = data
    lead = f"You are looking at {at}, {which}."
    return StateSentence(lead, join(told, meanwhile), role, (*actions, Action.BACK_TO_NOW))


def _data_of_then(data: PastData) -> tuple[str, tuple[Action, ...]]:
    """Which client database is shown, and what one can do about it."""
    match data.name:
        case "present":
            return "Data and buckets are those of now.", (Action.SHOW_THEN,)
        case "rebuilding":
            amount = f": {thousands(data.done)} of {plural(data.frames, 'frame')}" if data.frames else ""
            return f"The data of then are being rebuilt{amount}.", (Action.STOP_REBUILDING,)
        case "impossible":
            return advice(data.problem) if data.problem is not None else "", ()
    missing = ""
    if not data.has_local_writes:
        missing = "Local writes are not in them: an older inspector recorded this and did not keep them."
    elif data.unknown:
        missing = f"{plural(data.unknown, 'local transaction')} {'is' if data.unknown == 1 else 'are'} not in them."
    if data.strayed_at is not None:
        when = clock(data.strayed_at)
        missing = join(missing, f"At {when} the client connected with other buckets: they may differ from then on.")
    return join("Data, buckets, checksums, SQL and rows are those of then.", missing), (
        Action.PREVIOUS_CHECKPOINT,
        Action.NEXT_CHECKPOINT,
    )

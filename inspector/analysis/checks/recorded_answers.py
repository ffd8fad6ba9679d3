"""Checks of the error answers of a capture: what refuses the client, and answers that say what they are not."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from inspector.analysis.checks.recent import connections
from inspector.analysis.checks.recorded_connections import ON_PURPOSE, SKEW_S, clock_skew, skew_words
from inspector.analysis.checks.recorded_evidence import connection_evidence
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
from inspector.analysis.problem_words import join
from inspector.analysis.situations import Role
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.rows import ConnectionRow
from inspector.protocol.events import CloseReason
from inspector.protocol.service_errors import at_endpoint, next_step_of
from inspector.words import NS, clock, duration, plural

_LOST = f"{str(CloseReason.STREAM_FAILED).capitalize()}. "
_SENTENCES = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_FEWEST_TRIES = 2
_CODE = re.compile(r"\bS\d{4}\b")
_WHY_NOT = """
SELECT id, at, message FROM events WHERE source IN ('transport', 'credentials') AND level IN ('warning', 'error')
ORDER BY id LIMIT 1
"""
_MISLABELLED = """
SELECT json_extract(details, '$.connection'), json_extract(details, '$.mislabelled') FROM events
WHERE source = 'transport' AND json_valid(details) AND json_extract(details, '$.mislabelled') IS NOT NULL ORDER BY id
"""


def refused(material: Material) -> Iterator[Finding]:
    """Tries that the endpoint answered with an error, and none after them that it took."""
    tried = connections(material)
    since = 0
    for number, each in enumerate(tried, 1):
        if each.status is not None and each.status < 400 and each.frames:
            since = number
    failed = [each for each in tried[since:] if each.status is not None and each.status >= 400]
    if not failed:
        return
    last = failed[-1]
    status = last.status or 0
    times = Counter(each.status for each in failed)
    reason = _reason(last)
    code = _CODE.search(reason)
    step = next_step_of(status, f"PSYNC_{code[0]}" if code else "", reason, foreign=code is None)
    says = reason.removesuffix(step).strip()
    if code is not None:
        step = join(step, at_endpoint(f"PSYNC_{code[0]}", last.endpoint))
    skew = clock_skew(last)
    wrong_clock = ""
    if status == 401 and skew is not None and abs(skew) > SKEW_S:
        wrong_clock = f" The client's clock is {skew_words(skew)}, so that a good token may seem to have ended."
        step = "Set the clock that is wrong."
    yield Finding(
        "connections/refused",
        f"The endpoint answers {status}, {plural(len(failed), 'time')} in a row"
        if len(times) == 1 and len(failed) > 1
        else f"The endpoint answers {status}",
        says,
        Role.BROKEN,
        Certainty.CERTAIN,
        f"{says}{wrong_clock} No stream was opened after it in this capture.",
        step,
        tuple(connection_evidence(each, _told(each)) for each in failed[-5:]),
    )


def unreachable(material: Material) -> Iterator[Finding]:
    """The last tries came to nothing before there was an answer that could be read."""
    tried = connections(material)
    failed = list(takewhile(_came_to_nothing, reversed(tried)))[::-1]
    ever = any(each.frames for each in tried)
    if len(failed) < (_FEWEST_TRIES if ever else 1):
        return
    reason = _reason(failed[-1])
    told = [sentence for sentence in _SENTENCES.split(reason) if sentence != _LOST.strip()] or [reason]
    lasted = duration((failed[-1].started_at - failed[0].started_at) / NS)
    tries = plural(len(failed), "try", "tries")
    yield Finding(
        "connections/unreachable",
        f"The last {tries} to connect came to nothing" if ever else "No try to connect had an answer that can be read",
        told[0],
        Role.IDLE if ever else Role.BROKEN,
        Certainty.HINT if ever else Certainty.CERTAIN,
        f"{reason} "
        + (
            f"It was so for {lasted}, until the end of this capture; streams were open before. A device without a"
            " network looks the same."
            if ever
            else f"It was so for all {tries} of this capture."
        ),
        "Check the endpoint, the network of the device, and whether the service runs.",
        tuple(connection_evidence(each, _reason(each)) for each in failed[-3:]),
    )


def never_asked(material: Material) -> Iterator[Finding]:
    """No request was sent at all, and the engine said why."""
    if connections(material):
        return
    told = capture_of(material).ask(_WHY_NOT)
    if not told:
        return
    event, at, message = told[0]
    what, *rest = _SENTENCES.split(message)
    yield Finding(
        "connections/never-asked",
        what.rstrip("."),
        "No request was sent to the service.",
        Role.BROKEN,
        Certainty.CERTAIN,
        join("The client stopped before it asked the service for a stream.", *rest[:-1]),
        rest[-1] if rest else "Look at the events of this capture.",
        (Evidence(clock(at), what, "events", happening=key_of(HappeningKind.EVENT, event)),),
    )


def _came_to_nothing(each: ConnectionRow) -> bool:
    ended_by_itself = each.ended_at is not None and not (each.end_reason or "").startswith(ON_PURPOSE)
    return each.status is None and not each.frames and ended_by_itself


def wrong_encoding(material: Material) -> Iterator[Finding]:
    """Errors that say that they are compressed, and are plain text."""
    if not any((each.status or 0) >= 400 and each.encoding for each in connections(material)):
        return
    reader = capture_of(material)
    found = [(reader.connection(number), encoding) for number, encoding in reader.ask(_MISLABELLED)]
    named = [(each, encoding) for each, encoding in found if each is not None]
    if not named:
        return
    last, encoding = named[-1]
    yield Finding(
        "connections/wrong-encoding",
        "Errors say that they are compressed, and are not",
        f"{plural(len(named), 'answer')} with the header “Content-Encoding: {encoding}” and a body of plain text.",
        Role.HELD,
        Certainty.CERTAIN,
        "Most clients fail at such an answer with an error of decompression, and nobody sees why the service refuses"
        f" them. The text itself says: {_reason(last)} Services before 1.22.0 left the header of the stream on their"
        " errors; a proxy that writes an answer of its own may, too.",
        "Update the service, and look at the cause that the text names.",
        tuple(connection_evidence(each, f"{_told(each)}, said to be {it}") for each, it in named[-5:]),
    )


def _reason(each: ConnectionRow) -> str:
    """Why there was no stream, without that it was lost: there was none to lose."""
    return (each.end_reason or f"It answers {each.status}.").removeprefix(_LOST)


def _told(each: ConnectionRow) -> str:
    code = _CODE.search(each.end_reason or "")
    server = each.header("server")
    return f"HTTP {each.status}{f' {code[0]}' if code else ''}{f', by {server}' if server else ''}"


CHECKS = (
    Check("connections/refused", "An endpoint that refuses", "the answers' status", CAPTURE, refused, Needs.CAPTURE),
    Check(
        "connections/never-asked",
        "A client that asks the service for nothing",
        "connections, and what the engine noted",
        CAPTURE,
        never_asked,
        Needs.CAPTURE,
    ),
    Check(
        "connections/unreachable",
        "A service that cannot be reached",
        "tries without an answer",
        CAPTURE,
        unreachable,
        Needs.CAPTURE,
    ),
    Check(
        "connections/wrong-encoding",
        "Errors that are not compressed as they say",
        "the errors' headers and bodies",
        RECORDED,
        wrong_encoding,
        Needs.CAPTURE,
    ),
)

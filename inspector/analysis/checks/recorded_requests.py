"""Checks of the requests of a capture: what a client asked for, as whom, and with which token's life."""

from collections.abc import Iterator
from itertools import pairwise

from inspector.analysis.checks.recent import connections
from inspector.analysis.checks.recorded_request import request_of
from inspector.analysis.finding_types import CAPTURE, RECORDED, Certainty, Check, Evidence, Finding, Material, Needs
from inspector.analysis.situations import Role
from inspector.capture.happenings import HappeningKind, key_of
from inspector.capture.rows import ConnectionRow
from inspector.store.versions import LOCAL_BUCKET
from inspector.words import NS, duration, plural

_FRESH_OPERATIONS = 1_000


def token_had_ended(material: Material) -> Iterator[Finding]:
    """Requests with a token that had ended when they were sent."""
    late = [
        each
        for each in connections(material)
        if each.token_expires_at is not None and each.started_at > each.token_expires_at
    ]
    if len(late) < 2:
        return  # one is how a client learns of it
    first = late[0]
    by = duration((first.started_at - (first.token_expires_at or 0)) / NS)
    yield Finding(
        "token/had-ended",
        "Requests were sent with a token that had ended",
        f"{plural(len(late), 'request')}; the first one {by} too late.",
        Role.HELD,
        Certainty.CERTAIN,
        "The service refuses such a token. A device that slept sends one of them and then fetches another; here it went"
        " on, so the app has no fresh token to give, or its clock is behind.",
        "Look at what the app's `fetchCredentials` returns, and at the device's clock.",
        tuple(_evidence(each, f"HTTP {each.status or 'no answer'}") for each in late[:5]),
    )


def local_bucket(material: Material) -> Iterator[Finding]:
    """The pseudo bucket of old SDKs among the buckets of a request."""
    for each in connections(material):
        if any(bucket.name == LOCAL_BUCKET for bucket in request_of(each).buckets):
            yield Finding(
                "requests/local-bucket",
                "A request names $local as a bucket",
                f"Connection {each.id}.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "`$local` is no bucket but the place of the gate. The service does not know it, so the client deletes"
                " it, and local edits are overwritten until they are replicated.",
                "Update the SDK: JavaScript from 1.22.1, Dart from 1.11.0.",
                (_evidence(each, "its request"),),
            )
            return


def started_over(material: Material) -> Iterator[Finding]:
    """One user's client with another identity, that downloads everything again."""
    for one, other in pairwise(connections(material)):
        if one.client_id is None or other.client_id is None or one.client_id == other.client_id:
            continue
        if one.user_id != other.user_id or request_of(other).buckets or other.operations < _FRESH_OPERATIONS:
            continue
        yield Finding(
            f"requests/started-over/{other.id}",
            "A client of the same user started over",
            f"{plural(other.operations, 'operation')} came again, under another client id.",
            Role.HELD,
            Certainty.LIKELY,
            "The database is a new one: the app was installed anew, it cleared its data, or the browser has thrown away"
            " its storage. Local writes that waited in the old one are gone.",
            "Ask the browser for persistent storage, and look whether the app clears its database at login.",
            (_evidence(one, "the former client id"), _evidence(other, "another one, without a bucket")),
        )
        return


def _evidence(each: ConnectionRow, what: str) -> Evidence:
    return Evidence(f"connection {each.id}", what, "frames", happening=key_of(HappeningKind.REQUEST, each.id))


CHECKS = (
    Check(
        "token/had-ended",
        "Tokens that had ended when they were sent",
        "the token's end of each request",
        RECORDED,
        token_had_ended,
        Needs.CAPTURE,
    ),
    Check(
        "requests/local-bucket",
        "The gate among the buckets of a request",
        "the buckets of each request",
        CAPTURE,
        local_bucket,
        Needs.CAPTURE,
    ),
    Check(
        "requests/started-over",
        "A client that lost its database",
        "client ids and what their requests brought",
        CAPTURE,
        started_over,
        Needs.CAPTURE,
    ),
)

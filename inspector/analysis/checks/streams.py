"""Checks of the stream subscriptions that a client database keeps."""

import json
from collections import defaultdict
from collections.abc import Iterator

from inspector.analysis.finding_types import (
    DATABASES,
    FILE,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
    file_of,
)
from inspector.analysis.situations import Role
from inspector.store.records import Subscription
from inspector.words import ago, plural

_SECOND = 1_000_000


def never_satisfied(material: Material) -> Iterator[Finding]:
    """Subscriptions that full syncs have passed by."""
    full = file_of(material).last_synced_at
    for each in database_of(material).subscriptions():
        if full is None or each.is_default or each.last_synced_at is not None or each.expires_at is None:
            continue
        renewed = each.expires_at - (each.ttl or 0) * _SECOND
        if full <= renewed:
            continue
        yield Finding(
            f"streams/never-satisfied/{each.id}",
            f"The stream {_words(each)} never gave anything",
            "It was subscribed to before the last full sync.",
            Role.HELD,
            Certainty.LIKELY,
            "A full checkpoint was shown since, and the subscription was not in it: the service knows no stream of this"
            " name, or refuses its parameters. It says so in the checkpoint alone, and clients pass over it.",
            "Check the name and the parameters' keys against the sync config that is deployed.",
            (_evidence(each, "never synced"),),
        )


def expired(material: Material) -> Iterator[Finding]:
    """Subscriptions whose time is over."""
    for each in database_of(material).subscriptions():
        if each.expires_at is None or each.is_default or each.expires_at * 1000 > material.now_ns:
            continue
        yield Finding(
            f"streams/expired/{each.id}",
            f"The subscription to {_words(each)} has expired",
            f"{ago(each.expires_at * 1000, material.now_ns).capitalize()}.",
            Role.IDLE,
            Certainty.HINT,
            "Nobody renewed it within its time to live. With the next connection the client leaves it out, and its rows"
            " go: this is how it is meant.",
            "If a screen still needs the rows, keep the subscription while it is open, or give it a longer life.",
            (_evidence(each, "expired"),),
        )


def same_meaning(material: Material) -> Iterator[Finding]:
    """Subscriptions that differ in the writing of their parameters alone."""
    groups: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
    for each in database_of(material).subscriptions():
        groups[each.stream, _normal(each.parameters)].append(each)
    for (stream, _), found in groups.items():
        if len(found) > 1:
            yield Finding(
                f"streams/same-meaning/{found[0].id}",
                f"{stream} is subscribed to {plural(len(found), 'time')} alike",
                "The parameters differ in their writing alone.",
                Role.HELD,
                Certainty.LIKELY,
                "Subscriptions are told apart by the text of their parameters. The same values in another order, or a"
                " number written otherwise, make another one, and everything is synced twice.",
                "Build the parameters in one place.",
                tuple(_evidence(each, each.parameters) for each in found),
            )


def odd_keys(material: Material) -> Iterator[Finding]:
    """A subscription whose parameters have other names than its siblings'."""
    by_stream: dict[str, list[tuple[frozenset[str], Subscription]]] = defaultdict(list)
    for each in database_of(material).subscriptions():
        if (keys := _keys(each.parameters)) is not None:
            by_stream[each.stream].append((keys, each))
    for stream, found in by_stream.items():
        kinds = {keys for keys, _ in found}
        if len(kinds) == 2 and len(found) > 2:
            odd = min(kinds, key=lambda kind: sum(keys == kind for keys, _ in found))
            each = next(each for keys, each in found if keys == odd)
            yield Finding(
                f"streams/odd-keys/{each.id}",
                f"One subscription to {stream} has other parameters",
                f"{each.parameters}.",
                Role.IDLE,
                Certainty.HINT,
                "A parameter that the stream does not have is passed over, and the one that it waits for is missing:"
                " such a subscription gives nothing, without an error.",
                "Compare its parameters' names with those of the others.",
                (_evidence(each, each.parameters),),
            )


def _words(each: Subscription) -> str:
    return each.stream if each.parameters in ("null", "") else f"{each.stream}{each.parameters}"


def _evidence(each: Subscription, what: str) -> Evidence:
    return Evidence(f"subscription {each.id}", f"{_words(each)}: {what}", "streams")


def _normal(parameters: str) -> str:
    try:
        return json.dumps(json.loads(parameters), sort_keys=True)
    except ValueError:
        return parameters


def _keys(parameters: str) -> frozenset[str] | None:
    try:
        value = json.loads(parameters)
    except ValueError:
        return None
    return frozenset(value) if isinstance(value, dict) else None


CHECKS = (
    Check(
        "streams/never-satisfied",
        "Subscriptions that gave nothing",
        "ps_stream_subscriptions, ps_sync_state",
        FILE,
        never_satisfied,
        Needs.DATABASE,
    ),
    Check(
        "streams/expired", "Subscriptions that have expired", "ps_stream_subscriptions", FILE, expired, Needs.DATABASE
    ),
    Check(
        "streams/same-meaning",
        "Subscriptions that mean the same",
        "ps_stream_subscriptions",
        DATABASES,
        same_meaning,
        Needs.DATABASE,
    ),
    Check(
        "streams/odd-keys",
        "Parameters whose names differ from their siblings'",
        "ps_stream_subscriptions",
        DATABASES,
        odd_keys,
        Needs.DATABASE,
    ),
)

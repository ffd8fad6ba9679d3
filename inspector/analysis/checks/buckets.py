"""Checks of the buckets: their number, their names, their size."""

from collections import defaultdict
from collections.abc import Iterator

from inspector.analysis.finding_types import (
    ANY,
    FILE,
    BucketFacts,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
)
from inspector.analysis.situations import Role
from inspector.protocol.buckets import parse_bucket_name
from inspector.words import plural, thousands

_MANY_OPERATIONS_A_ROW = 3.0
"""The official diagnostics app warns at the same ratio."""
_WORTH_COMPACTING = 1_000
"""Operations; what compacting saves of fewer is nobody's trouble."""
_LIMIT, _NEAR_LIMIT = 1_000, 800
"""Buckets of a user: the service's limit where nobody has set another."""
_UNEVEN_OPERATIONS, _UNEVEN_SHARE = 100_000, 0.8


def needs_compacting(material: Material) -> Iterator[Finding]:
    """Buckets with a long history of few rows."""

    def ratio(bucket: BucketFacts) -> float:
        return (bucket.operations or 0) / bucket.rows if bucket.rows else 0.0

    for bucket in sorted(material.buckets, key=ratio, reverse=True):
        if ratio(bucket) <= _MANY_OPERATIONS_A_ROW or (bucket.operations or 0) < _WORTH_COMPACTING:
            continue
        short = parse_bucket_name(bucket.name).short
        yield Finding(
            f"buckets/needs-compacting/{bucket.name}",
            "Bucket needs compacting",
            f"{short}: {plural(bucket.operations or 0, 'operation')} for {plural(bucket.rows or 0, 'row')}.",
            Role.HELD,
            Certainty.LIKELY,
            f"`{short}` has {ratio(bucket):.1f} operations a row: a new client downloads all of them to get these"
            " rows.",
            "Compact the service's storage, and look which rows change so often. An old row at the bucket's beginning"
            " that never changes keeps what follows from being cleared: touching it helps.",
            (
                Evidence(
                    short,
                    f"{thousands(bucket.operations or 0)} : {thousands(bucket.rows or 0)}",
                    "buckets",
                    bucket.name,
                ),
            ),
        )


def near_limit(material: Material) -> Iterator[Finding]:
    """So many buckets that the service will refuse the user."""
    count = len(material.buckets)
    if count < _NEAR_LIMIT:
        return
    streams: dict[str, int] = defaultdict(int)
    for bucket in material.buckets:
        streams[parse_bucket_name(bucket.name).stream] += 1
    largest = sorted(streams.items(), key=lambda item: -item[1])
    over = "at" if count >= _LIMIT else "near"
    yield Finding(
        "buckets/near-limit",
        f"{plural(count, 'bucket')}: {over} the default limit of {thousands(_LIMIT)}",
        f"Most are of {largest[0][0]}: {thousands(largest[0][1])}.",
        Role.HELD,
        Certainty.LIKELY,
        "A service refuses a user with more buckets than its limit, with S2305, and no client of the user connects any"
        " more. The limit can be set higher; this file does not tell what it is.",
        "Look which stream makes one bucket for each row, and whether a coarser parameter does.",
        tuple(Evidence(name, plural(number, "bucket"), "buckets") for name, number in largest[:5]),
    )


def null_parameters(material: Material) -> Iterator[Finding]:
    """Buckets whose parameter came to nothing."""
    for bucket in material.buckets:
        name = parse_bucket_name(bucket.name)
        values = name.parameters.strip("[]").split(",") if name.parameters else []
        if any(value.strip() in ("null", '""') for value in values):
            yield Finding(
                f"buckets/null-parameter/{bucket.name}",
                f"Bucket {name.short} has an empty parameter",
                f"{plural(bucket.rows or 0, 'row')} in it.",
                Role.IDLE,
                Certainty.HINT,
                "A parameter of the stream's query came to null or to an empty text: the token lacks a claim, the app"
                " sent no such parameter, or a column is null.",
                "Compare the claims of the token with what the sync config reads.",
                (Evidence(name.short, plural(bucket.rows or 0, "row"), "buckets", bucket.name),),
            )


def mixed_versions(material: Material) -> Iterator[Finding]:
    """Buckets of two deployments of the sync config side by side."""
    versions: dict[str, dict[int, str]] = defaultdict(dict)
    for bucket in material.buckets:
        name = parse_bucket_name(bucket.name)
        if name.version is not None:
            versions[name.stream].setdefault(name.version, bucket.name)
    for stream, found in versions.items():
        if len(found) > 1:
            numbers = " and ".join(f"{number}#" for number in sorted(found))
            yield Finding(
                f"buckets/mixed-versions/{stream}",
                f"Buckets of {stream} are of two deployments",
                f"{numbers}.",
                Role.IDLE,
                Certainty.HINT,
                "The number before # grows when the sync config is deployed anew; then everything is downloaded again"
                " under new names, and the old buckets go with the first complete checkpoint.",
                "Let the client finish. If both stay, look whether its checkpoints are ever complete.",
                tuple(
                    Evidence(parse_bucket_name(full).short, f"{number}#", "buckets", full)
                    for number, full in sorted(found.items())
                ),
            )


def uneven(material: Material) -> Iterator[Finding]:
    """One bucket that makes up nearly all."""
    whole = sum(bucket.operations or 0 for bucket in material.buckets)
    largest = max(material.buckets, key=lambda bucket: bucket.operations or 0, default=None)
    if largest is None or len(material.buckets) < 2 or (largest.operations or 0) < _UNEVEN_OPERATIONS:
        return
    share = (largest.operations or 0) / whole
    if share < _UNEVEN_SHARE:
        return
    short = parse_bucket_name(largest.name).short
    yield Finding(
        f"buckets/uneven/{largest.name}",
        f"{short} is {round(100 * share)} % of everything",
        f"{plural(largest.operations or 0, 'operation')} of {thousands(whole)}.",
        Role.IDLE,
        Certainty.HINT,
        "A first sync shows nothing before this bucket is complete, unless the others have a higher priority.",
        "Give the streams that a first screen needs a higher priority.",
        (Evidence(short, plural(largest.operations or 0, "operation"), "buckets", largest.name),),
    )


CHECKS = (
    Check(
        "buckets/needs-compacting",
        "Buckets with many operations for few rows",
        "ps_buckets, ps_oplog",
        ANY,
        needs_compacting,
    ),
    Check("buckets/near-limit", "More than 800 buckets", "ps_buckets", ANY, near_limit),
    Check("buckets/null-parameter", "Buckets with an empty parameter", "the buckets' names", ANY, null_parameters),
    Check("buckets/mixed-versions", "Buckets of two deployments", "the buckets' names", FILE, mixed_versions),
    Check("buckets/uneven", "One bucket that holds nearly everything", "ps_buckets", ANY, uneven),
)

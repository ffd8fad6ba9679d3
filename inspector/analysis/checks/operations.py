"""Checks of the stored operations: their content, their order, their keys."""

from collections import defaultdict
from collections.abc import Iterator

from inspector.analysis.checks.words import LISTED
from inspector.analysis.finding_types import FILE, Certainty, Check, Evidence, Finding, Material, Needs, database_of
from inspector.analysis.operation_checks import BadOperation, Tally, check_stored
from inspector.analysis.situations import Role
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.errors import InspectorError
from inspector.store.audits.operations import (
    bucket_names,
    bucket_positions,
    homeless_operations,
    key_forms,
    repeated_keys,
    stored_operations,
)
from inspector.words import plural, thousands

_OVER_AND_OVER = 20


def wrong_hashes(material: Material) -> Iterator[Finding]:
    """Operations that do not have the checksum of their own content."""
    reader = database_of(material)
    names = reader.ask(bucket_names)
    tallies: dict[int | str, Tally] = defaultdict(Tally)
    after = 0
    while True:
        operations, after = reader.ask(lambda connection, layout, at=after: stored_operations(connection, layout, at))  # type: ignore[misc]
        check_stored(operations, tallies)
        material.progress.add(operations=len(operations))
        if not operations:
            break
    if tallies and not any(tally.agree for tally in tallies.values()) and any(it.differ for it in tallies.values()):
        count = plural(sum(tally.checked for tally in tallies.values()), "operation")
        raise InspectorError(
            f"None of {count} has the checksum that this program computes, so this service makes them otherwise."
        )
    for key, tally in tallies.items():
        if not tally.differ or not tally.is_verifiable:
            continue
        name = names.get(key, str(key))
        short = parse_bucket_name(name).short
        yield Finding(
            f"operations/altered/{name}",
            f"{plural(tally.differ, 'operation')} of {short} {'is' if tally.differ == 1 else 'are'} not as sent",
            f"The other {thousands(tally.agree)} have the checksum of their content.",
            Role.BROKEN,
            Certainty.CERTAIN,
            "A service gives each operation the checksum of its content. These do not have it, so their content or"
            " their checksum was changed after it was sent: something wrote to `ps_oplog`, or the file is damaged.",
            "Delete the database on the device and let it sync anew, after what waits in the upload queue is saved.",
            (
                *(_altered(name, bad) for bad in tally.bad[:LISTED]),
                Evidence(short, f"{thousands(tally.differ)} of {thousands(tally.checked)}", "checksums", name),
            ),
        )


def disorder(material: Material) -> Iterator[Finding]:
    """Buckets that are behind their own operations, or shown beyond what they have."""
    for bucket in database_of(material).ask(bucket_positions):
        wrong = []
        if bucket.newest is not None and bucket.newest > bucket.last_op:
            wrong.append(f"op {bucket.newest} is stored, and the bucket ends at {bucket.last_op}")
        if bucket.last_applied_op > bucket.last_op:
            wrong.append(f"shown up to {bucket.last_applied_op}, downloaded up to {bucket.last_op}")
        if wrong:
            short = parse_bucket_name(bucket.name).short
            yield Finding(
                f"operations/disorder/{bucket.name}",
                f"The position of {short} does not fit its operations",
                f"{wrong[0]}.",
                Role.BROKEN,
                Certainty.CERTAIN,
                "A client writes a bucket's position with its operations, in one transaction. Two clients on one file,"
                " or an older copy of a table, leave them apart; the next download may skip operations.",
                "Look whether the app opens the same file twice.",
                tuple(Evidence(short, each, "buckets", bucket.name) for each in wrong),
            )


def homeless(material: Material) -> Iterator[Finding]:
    """Operations whose bucket is gone."""
    found = database_of(material).ask(homeless_operations)
    if found:
        count = sum(number for _, number in found)
        yield Finding(
            "operations/homeless",
            f"{plural(count, 'operation')} {'belongs' if count == 1 else 'belong'} to no bucket",
            f"Of {plural(len(found), 'bucket')} that `ps_buckets` does not have.",
            Role.BROKEN,
            Certainty.CERTAIN,
            "A bucket and its operations are deleted in one transaction. Rows of these can stay in the tables for ever,"
            " because no bucket takes them back.",
            "Delete the database on the device and let it sync anew.",
            tuple(
                Evidence(
                    f"ps_oplog bucket {key}",
                    plural(number, "operation"),
                    "sql",
                    sql="SELECT * FROM ps_oplog WHERE bucket NOT IN (SELECT id FROM ps_buckets)",
                )
                for key, number in found[:LISTED]
            ),
        )


def doubled_keys(material: Material) -> Iterator[Finding]:
    """Keys that a bucket has several live operations of."""
    found = database_of(material).ask(lambda connection, layout: repeated_keys(connection, layout, _OVER_AND_OVER))
    if found:
        more = "" if len(found) < _OVER_AND_OVER else "at least "
        yield Finding(
            "operations/doubled-key",
            f"{more}{plural(len(found), 'key')} {'has' if len(found) == 1 else 'have'} several"
            " operations in one bucket",
            "A newer operation of a key replaces the older one.",
            Role.HELD,
            Certainty.LIKELY,
            "In a bucket one operation of each key counts. A client that stores a second one beside it counts its"
            " checksum twice, and shows the one with the higher id.",
            "Compare the bucket's checksum in Checksums; if it agrees, the next operation of the key tidies up.",
            tuple(
                Evidence(parse_bucket_name(bucket).short, f"{key}: {plural(count, 'operation')}", "buckets", bucket)
                for bucket, key, count in found[:LISTED]
            ),
        )


def mixed_keys(material: Material) -> Iterator[Finding]:
    """Keys of two SDKs side by side."""
    quoted, plain = database_of(material).ask(key_forms)
    if quoted and plain:
        yield Finding(
            "operations/mixed-keys",
            "Keys of operations have two forms",
            f"{thousands(quoted)} end in a quotation mark, {thousands(plain)} do not.",
            Role.HELD,
            Certainty.CERTAIN,
            "JavaScript SDKs before the Rust client wrote the subkey of a key as JSON, with quotation marks. Mixed, one"
            " row has two keys: the newer operation does not replace the older one, and deleted rows can stay.",
            "Let an SDK that migrates the keys open the file, or sync anew.",
            (
                Evidence(
                    "ps_oplog.key",
                    f"{thousands(quoted)} : {thousands(plain)}",
                    "sql",
                    sql="SELECT key, row_type, row_id FROM ps_oplog WHERE substr(key, -1) = '\"' LIMIT 100",
                ),
            ),
        )


def _altered(bucket: str, bad: BadOperation) -> Evidence:
    what = f"{bad.row_type} / {bad.row_id}: {bad.why}"
    return Evidence(f"op {bad.op_id}", what, "row", bucket, (bad.row_type, bad.row_id), link="Show the row")


CHECKS = (
    Check(
        "operations/altered",
        "Operations that do not have the checksum of their content",
        "the content of every operation",
        FILE,
        wrong_hashes,
        Needs.DATABASE,
    ),
    Check(
        "operations/disorder",
        "Positions that do not fit the operations",
        "ps_buckets, ps_oplog",
        FILE,
        disorder,
        Needs.DATABASE,
    ),
    Check(
        "operations/homeless",
        "Operations of buckets that are gone",
        "ps_oplog, ps_buckets",
        FILE,
        homeless,
        Needs.DATABASE,
    ),
    Check(
        "operations/doubled-key",
        "Keys with several operations in one bucket",
        "ps_oplog.key",
        FILE,
        doubled_keys,
        Needs.DATABASE,
    ),
    Check(
        "operations/mixed-keys",
        "Keys in the form of an old SDK beside new ones",
        "ps_oplog.key",
        FILE,
        mixed_keys,
        Needs.DATABASE,
    ),
)

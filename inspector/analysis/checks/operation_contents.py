"""Checks of what stored operations hold: rows that are too large, numbers and texts that arrive as something else."""

from collections.abc import Iterator
from dataclasses import replace

from inspector.analysis.checks.words import LISTED, row_evidence
from inspector.analysis.finding_types import (
    DATABASES,
    Certainty,
    Check,
    Evidence,
    Finding,
    Material,
    Needs,
    database_of,
)
from inspector.analysis.situations import Role
from inspector.store.audits.operations import FoundOperation, copies_that_differ, largest_operations, operations_with
from inspector.words import byte_size, plural

_LARGE, _NEAR_THE_LIMIT = 1_000_000, 14_000_000
"""Bytes of a row; the service replicates none above 15 MB."""
_BEYOND_INT64 = "1844674407370955"
_DOUBLY_WRITTEN = '"\\"{'
_OVER_AND_OVER = 20


def differing_copies(material: Material) -> Iterator[Finding]:
    """One id with other values in each bucket."""
    found = database_of(material).ask(lambda connection, layout: copies_that_differ(connection, layout, _OVER_AND_OVER))
    if found:
        more = "" if len(found) < _OVER_AND_OVER else "at least "
        yield Finding(
            "operations/copies-differ",
            f"{more}{plural(len(found), 'row')} {'has' if len(found) == 1 else 'have'} other values in each bucket",
            f"{found[0][0]} / {found[0][1]} and others; the newest operation wins."
            if len(found) > 1
            else f"{found[0][0]} / {found[0][1]}; the newest operation wins.",
            Role.HELD,
            Certainty.LIKELY,
            "The same type and id came several times with different data. Either the synced id is not unique, and one"
            " record hides another, or two queries of the sync config select different columns of one table.",
            "Look whether the id is a primary key, and give both queries the same columns.",
            tuple(
                row_evidence(row_type, row_id, f"{plural(count, 'operation')} that differ")
                for row_type, row_id, count in found[:LISTED]
            ),
        )


def large_rows(material: Material) -> Iterator[Finding]:
    """Rows of a megabyte and more."""
    found = database_of(material).ask(
        lambda connection, layout: largest_operations(connection, layout, _LARGE, _OVER_AND_OVER)
    )
    if found:
        near = found[0].figure >= _NEAR_THE_LIMIT
        yield Finding(
            "operations/large",
            f"The largest row has {byte_size(found[0].figure)}",
            f"{plural(len(found), 'row')} of {byte_size(_LARGE)} or more.",
            Role.HELD if near else Role.IDLE,
            Certainty.LIKELY if near else Certainty.HINT,
            "A row is sent, stored and shown as a whole, and kept twice on the device. The service leaves out rows"
            " above 15 MB and says so in its own log alone.",
            "Keep large values outside of synced rows, as attachments.",
            tuple(_found(each, byte_size(each.figure)) for each in found[:LISTED]),
        )


def huge_numbers(material: Material) -> Iterator[Finding]:
    """Integers that no client can hold: what negative ones become in some drivers."""
    found = database_of(material).ask(
        lambda connection, layout: operations_with(connection, layout, _BEYOND_INT64, _OVER_AND_OVER)
    )
    if found:
        yield Finding(
            "operations/beyond-int64",
            "Numbers near 2⁶⁴ stand in the data",
            f"{plural(len(found), 'operation')}.",
            Role.HELD,
            Certainty.CERTAIN,
            "SQLite's integers end at 2⁶³-1, so these are shown as inexact numbers. Before the service 1.7 negative"
            " numbers of MongoDB arrived so.",
            "Look at the source's value; update the service, and have the rows sent anew.",
            tuple(_found(each, "a number near 2⁶⁴") for each in found[:LISTED]),
        )


def written_twice(material: Material) -> Iterator[Finding]:
    """JSON in a text in a text: encoded once too often on its way."""
    found = database_of(material).ask(
        lambda connection, layout: operations_with(connection, layout, _DOUBLY_WRITTEN, _OVER_AND_OVER)
    )
    if found:
        yield Finding(
            "operations/encoded-twice",
            "JSON columns are encoded twice",
            f"{plural(len(found), 'operation')}.",
            Role.HELD,
            Certainty.LIKELY,
            "The value is a text that holds a text that holds an object. A column of JSON is text on the client; a"
            " connector or a backend that encodes it once more on upload has the service send it back so.",
            "Have the upload pass the text on as it is, and mend the rows in the source.",
            tuple(_found(each, "an object within two texts") for each in found[:LISTED]),
        )


def _found(operation: FoundOperation, what: str) -> Evidence:
    evidence = row_evidence(operation.row_type, operation.row_id, f"op {operation.op_id}: {what}")
    return replace(evidence, bucket=operation.bucket)


CHECKS = (
    Check(
        "operations/copies-differ",
        "Rows with other values in each bucket",
        "ps_oplog",
        DATABASES,
        differing_copies,
        Needs.DATABASE,
    ),
    Check("operations/large", "Rows of a megabyte and more", "ps_oplog.data", DATABASES, large_rows, Needs.DATABASE),
    Check(
        "operations/beyond-int64", "Numbers beyond 64 bits", "ps_oplog.data", DATABASES, huge_numbers, Needs.DATABASE
    ),
    Check(
        "operations/encoded-twice",
        "JSON that was encoded twice",
        "ps_oplog.data",
        DATABASES,
        written_twice,
        Needs.DATABASE,
    ),
)

"""Findings: named problems with their evidence. The checks that look for them stand in `checks`, by family."""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import msgspec

from inspector.analysis.finding_types import (
    BucketFacts,
    Certainty,
    Check,
    CheckResult,
    CheckState,
    Material,
    Needs,
    Report,
    Stopped,
)
from inspector.analysis.injected_faults import told_of_faults
from inspector.analysis.situations import Role, Situation
from inspector.protocol.errors import InspectorError
from inspector.store.reader import ClientDatabaseReader

_MOST_OF_A_KIND = 20
_DAMAGED_VALUE = (UnicodeError, OverflowError, msgspec.MsgspecError)
"""What a value raises that is none: text that is not UTF-8, a number beyond all bounds, JSON that ends too soon."""
_SEVERITY = (Role.BROKEN, Role.HELD, Role.PARTIAL, Role.CHECKPOINT, Role.DATA, Role.IDLE, Role.FINE)


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check. The first call imports them, which takes longer than a window may wait: it is for another thread."""
    from inspector.analysis.all_checks import CHECKS

    return CHECKS


def checks_for(situation: Situation) -> tuple[Check, ...]:
    """The checks that have something to look at there, in the order in which they run."""
    return tuple(check for check in all_checks() if isinstance(situation, check.sources))


def run_check(check: Check, material: Material) -> CheckResult:
    """Carry out one check; raises Stopped where nobody waits for it any more.

    A fault in a check itself is a warning, which is an error in tests; the others run all the same.
    """
    try:
        found = [replace(finding, check=check.name) for finding in check.find(material)][:_MOST_OF_A_KIND]
        found = [told_of_faults(finding, material) for finding in found]
    except InspectorError as error:
        return CheckResult(check, CheckState.NOT_RUN, remark=str(error))
    except _DAMAGED_VALUE as error:
        return CheckResult(check, CheckState.NOT_RUN, remark=f"A value in the file cannot be read: {error}.")
    except Stopped:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        warnings.warn(f"The check {check.name} failed. {said}", RuntimeWarning, stacklevel=2)
        remark = f"It failed, which is a fault of this program and not of the file. It says: {said}."
        return CheckResult(check, CheckState.NOT_RUN, remark=remark)
    state = CheckState.FOUND if found else CheckState.NOTHING
    return CheckResult(check, state, tuple(found))


def find(material: Material) -> Report:
    """Run every check that applies to the source and needs no more than is at hand."""
    has = {
        Needs.NOTHING: True,
        Needs.DATABASE: material.database is not None,
        Needs.CAPTURE: material.capture is not None,
    }
    return report_of(run_check(check, material) for check in checks_for(material.situation) if has[check.needs])


def waiting(situation: Situation) -> list[CheckResult]:
    """All checks that apply, none of which has run."""
    return [CheckResult(check, CheckState.WAITS) for check in checks_for(situation)]


def report_of(results: Iterable[CheckResult]) -> Report:
    """The findings of all results, worst first."""
    known = tuple(results)
    found = [finding for result in known for finding in result.findings]
    found.sort(key=lambda finding: (_SEVERITY.index(finding.role), list(Certainty).index(finding.certainty)))
    return Report(tuple(found), known)


def facts_of(database: ClientDatabaseReader) -> tuple[BucketFacts, ...]:
    """What a client database alone tells of its buckets; reads the whole oplog."""
    return tuple(
        BucketFacts(
            bucket.name,
            bucket.operations if bucket.downloaded_operations is None else bucket.downloaded_operations,
            bucket.put_rows,
        )
        for bucket in database.buckets()
    )

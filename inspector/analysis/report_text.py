"""A report of findings for other eyes than the window's: as text, as Markdown, and as what JSON can hold."""

from collections.abc import Iterable
from typing import Any

from inspector.analysis.finding_types import Check, CheckState, Finding, Report
from inspector.analysis.markdown import plain, table_head, table_row, with_names
from inspector.analysis.situations import StateSentence, unmarked
from inspector.words import plural, thousands


def count_words(report: Report) -> str:
    """`55 checks ran, 51 found nothing.`"""
    return f"{plural(report.checks, 'check')} ran, {thousands(report.silent)} found nothing."


def finding_lines(finding: Finding) -> list[str]:
    """One finding whole, with its evidence."""
    more = finding.meaning.removeprefix(f"{finding.summary.removesuffix('.')}.").strip()
    return [
        f"{unmarked(finding.title)} ({finding.certainty}; {finding.check})",
        unmarked(finding.summary),
        *([f"What it means. {unmarked(more)}"] if more else []),
        f"What to do. {unmarked(finding.next_step)}",
        *(f"  {each.where}: {each.what}" for each in finding.evidence),
    ]


def ticket(name: str, state: StateSentence, findings: Iterable[Finding], below: str) -> str:
    """`findings` of what is open, `name`, as Markdown: for a ticket that others read without the file."""
    parts = [f"## {plain(name)}", f"**{plain(state.lead)}** {plain(state.then)}".strip()]
    for finding in findings:
        parts += [
            f"### {with_names(finding.title)}",
            f"{finding.certainty}, found by `{finding.check}`",
            f"**What it means.** {with_names(finding.meaning)}",
            f"**What to do.** {with_names(finding.next_step)}",
        ]
        if finding.evidence:
            rows = (table_row((each.where, each.what)) for each in finding.evidence)
            parts.append("\n".join((table_head(("Where", "What is there")), *rows)))
    return "\n\n".join((*parts, plain(below))) + "\n"


def failed_lines(report: Report, *, with_reason: bool = True) -> list[str]:
    """The checks that could not run, once for each reason; a reason may name what is in the file."""
    by_reason: dict[str, list[Check]] = {}
    for result in report.results:
        if result.state is CheckState.NOT_RUN:
            by_reason.setdefault(result.remark if with_reason else "", []).append(result.check)
    lines: list[str] = []
    for reason, checks in by_reason.items():
        lines.append(f"{plural(len(checks), 'check')} could not run. {reason}".rstrip())
        lines += [f"  {check.name}: {check.title}" for check in checks]
    return lines


def finding_fields(finding: Finding) -> dict[str, Any]:
    """A finding as JSON has it."""
    return {
        "check": finding.check,
        "title": unmarked(finding.title),
        "summary": unmarked(finding.summary),
        "certainty": str(finding.certainty),
        "severity": str(finding.role),
        "meaning": unmarked(finding.meaning),
        "next_step": unmarked(finding.next_step),
        "evidence": [{"where": each.where, "what": each.what} for each in finding.evidence],
    }


def check_fields(report: Report) -> list[dict[str, Any]]:
    """Every check and what came of it, without anything from the data."""
    return [
        {
            "check": result.check.name,
            "looks_for": result.check.title,
            "looked_at": result.check.looks_at,
            "state": str(result.state),
            "findings": [
                {"certainty": str(each.certainty), "severity": str(each.role), "evidence": len(each.evidence)}
                for each in result.findings
            ],
        }
        for result in report.results
    ]

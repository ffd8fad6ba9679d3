"""What a support person passes on about a client database: its findings and figures in one archive.

Without data it holds no row id, no value, no user and no parameter: ids and parameters are numbered, the same one the
same number throughout. Names of tables, columns and streams stay. With data the findings stand as they are shown.
"""

import platform
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from inspector import __version__
from inspector.analysis.comparison_report import Compared, compared_fields, compared_lines
from inspector.analysis.file_sentences import describe_database
from inspector.analysis.finding_types import CheckState, Report
from inspector.analysis.pending_writes import fields_of
from inspector.analysis.pseudonyms import Pseudonyms
from inspector.analysis.report_text import check_fields, count_words, failed_lines, finding_fields, finding_lines
from inspector.analysis.situations import DatabaseFile
from inspector.store.reader import ClientDatabaseReader
from inspector.words import plural

_ENTRIES = 500
_JSON_INDENT = 2


def write_bundle(
    path: Path,
    file: DatabaseFile,
    report: Report,
    reader: ClientDatabaseReader,
    sha256: str,
    *,
    with_data: bool,
    compared: Compared | None = None,
) -> None:
    """Write the archive; raises OSError. `sha256` is the opened file's, empty where it is not known yet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in bundle_files(file, report, reader, sha256, with_data, compared).items():
            archive.writestr(name, content)


def bundle_files(
    file: DatabaseFile,
    report: Report,
    reader: ClientDatabaseReader,
    sha256: str,
    with_data: bool,
    compared: Compared | None,
) -> dict[str, bytes]:
    """The files of the archive by their names."""
    names = Pseudonyms()
    files: dict[str, Any] = {
        "figures.json": _figures(file, reader, sha256, names, with_data),
        "checks.json": check_fields(report),
        "schema.json": _schema(reader),
    }
    if compared is not None:
        files["comparison.json"] = compared_fields(compared, None if with_data else names)
    found = {
        name: msgspec.json.format(msgspec.json.encode(value), indent=_JSON_INDENT) for name, value in files.items()
    }
    if with_data:
        findings = [finding_fields(each) for each in report.findings]
        found["findings.json"] = msgspec.json.format(msgspec.json.encode(findings), indent=_JSON_INDENT)
    found["report.txt"] = _text(file, report, with_data, compared).encode()
    return found


def _figures(
    file: DatabaseFile, reader: ClientDatabaseReader, sha256: str, names: Pseudonyms, with_data: bool
) -> dict[str, Any]:
    summary = reader.summary()
    told: dict[str, Any] = msgspec.to_builtins(summary)
    told["client_id"] = summary.client_id if with_data else "" if summary.client_id is None else "client-1"
    return {
        "inspector": __version__,
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "python": platform.python_version(),
        "file": file.name if with_data else "client.db",
        "sha256": sha256,
        "sqlite": file.sqlite_version,
        "summary": told,
        "buckets": [
            {
                "bucket": bucket.name if with_data else names.bucket(bucket.name),
                "operations": bucket.downloaded_operations,
                "stored": bucket.operations,
                "rows": bucket.put_rows,
                "last_op": bucket.last_op,
                "last_applied_op": bucket.last_applied_op,
                "checksum": bucket.checksum,
                "bytes": bucket.downloaded_size,
                "row_types": bucket.row_types,
            }
            for bucket in reader.buckets()
        ],
        "queue": [
            {
                "entry": entry.id,
                "transaction": entry.tx_id,
                "op": entry.op,
                "type": entry.row_type,
                "id": entry.row_id if with_data else names.of("id", entry.row_id),
                "columns": list(fields_of(entry.data)),
            }
            for entry in reader.pending(_ENTRIES)
        ],
        "subscriptions": [
            {
                "stream": each.stream,
                "parameters": each.parameters if with_data else names.parameters(each.parameters),
                "active": each.active,
                "default": each.is_default,
                "priority": each.priority,
                "ttl": each.ttl,
                "expires_at": each.expires_at,
                "last_synced_at": each.last_synced_at,
            }
            for each in reader.subscriptions()
        ],
    }


def _schema(reader: ClientDatabaseReader) -> list[dict[str, Any]]:
    return [
        {"table": shape.title, "kind": shape.kind, "rows": shape.rows,
         "columns": [{"name": column.name, "type": column.type} for column in shape.columns]}
        for shape in reader.shapes()
    ]  # fmt: skip


def _text(file: DatabaseFile, report: Report, with_data: bool, compared: Compared | None) -> str:
    lines = [f"Findings of {file.name if with_data else 'a client database'}, by PowerSync Inspector {__version__}", ""]
    if with_data:
        said = describe_database(file, int(datetime.now(UTC).timestamp() * 1e9))
        lines += [f"{said.lead} {said.then}", "", count_words(report)]
        for finding in report.findings:
            lines += ["", *finding_lines(finding)]
    else:
        names = "Names of tables, columns and streams are as they are."
        lines += [f"Without row ids, values, users and parameters. {names}", "", count_words(report), ""]
        for result in report.results:
            if result.state is CheckState.FOUND:
                kinds = ", ".join(str(each.certainty) for each in result.findings)
                count = plural(len(result.findings), "finding")
                lines.append(f"{result.check.title}: {count} ({kinds}; {result.check.name})")
    if compared is not None:
        lines += ["", *compared_lines(compared)] if with_data else ["", f"Compared: {compared.result.sentence}"]
    return "\n".join((*lines, "", *failed_lines(report, with_reason=with_data))) + "\n"

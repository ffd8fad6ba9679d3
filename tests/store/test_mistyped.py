"""Files whose values are not of the types that clients write: read all the same, and told."""

from pathlib import Path

import pytest

from inspector.analysis.examination import examine
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.store.evidence import open_evidence
from tests.store.database_files import change, copy_to, fingerprint, version

NOT_STRICT = (
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_schema SET sql = replace(replace(sql, 'STRICT, ', ''), 'STRICT', '') WHERE name GLOB 'ps_*'",
    "PRAGMA schema_version = 4711",
)


@pytest.mark.parametrize("name", ["v04.db", "v14.db"])
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("ps_oplog", "op_id", "'[1]'"),
        ("ps_oplog", "hash", "'no number'"),
        ("ps_oplog", "hash", "1e300"),
        ("ps_oplog", "row_id", "x'31'"),
        ("ps_buckets", "last_applied_op", "'1#x'"),
        ("ps_buckets", "add_checksum", "x'00ff'"),
        ("ps_buckets", "op_checksum", "1.5"),
        ("ps_crud", "tx_id", "'null'"),
        ("ps_untyped", "type", "x'6c'"),
    ],
)
def test_values_of_another_type_are_read_as_what_belongs_there_and_told(
    tmp_path: Path, name: str, table: str, column: str, value: str
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = copy_to(folder, version(name))
    change(path, *NOT_STRICT)
    change(path, f"UPDATE {table} SET {column} = {value}")
    before = fingerprint(folder)
    opened = open_file(path, work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    (problem,) = (problem for problem in opened.evidence.problems if "another type" in problem.what)
    assert problem.what == f"{path.name} has values of another type than those that belong there, in {table}.{column}."
    _, report = examine(opened)
    assert report.findings
    reader = opened.evidence.open_reader()
    assert all(isinstance(bucket.last_applied_op, int) for bucket in reader.buckets())
    reader.close()
    opened.evidence.close()
    assert fingerprint(folder) == before


@pytest.mark.parametrize("name", ["v01.db", "v04.db", "v05.db", "v14.db"])
def test_nothing_is_converted_in_files_as_clients_write_them(tmp_path: Path, name: str) -> None:
    evidence = open_evidence(version(name), tmp_path)
    assert evidence.mistyped == ()
    evidence.close()

"""The bundle of a client database: whole with data, and without data free of ids, values, users and parameters."""

import json
import time
import zipfile
from pathlib import Path

import pytest

from inspector.analysis.bundle import write_bundle
from inspector.analysis.comparison import compare
from inspector.analysis.comparison_report import Compared
from inspector.analysis.examination import examine
from inspector.analysis.fresh.comparison import compare_with_fresh
from inspector.analysis.opening import OpenedDatabase, open_file
from inspector.store.reader import ClientDatabaseReader
from tests.store.database_files import change, copy_to, state

SECRETS = ("todo-1002", "list-7", "user-1", "written by hand", "Todo number", "c28c1423", "f_customer")


def bundle_of(folder: Path, *, with_data: bool) -> dict[str, str]:
    path = copy_to(folder, state("held-by-uploads"), "f_customer.db")
    change(
        path,
        "UPDATE ps_data__todos SET data = json_set(data, '$.description', 'written by hand') WHERE id = 'todo-1002'",
        "UPDATE ps_oplog SET data = json_set(data, '$.rating', 5.0) WHERE row_id = 'todo-1008'",
        "INSERT INTO ps_stream_subscriptions(id, stream_name, local_params) VALUES (9, 'todos', '{\"l\":\"list-7\"}')",
        "PRAGMA journal_mode = DELETE",
    )
    opened = open_file(path, work=folder / "work")
    assert isinstance(opened, OpenedDatabase)
    file, report = examine(opened)
    reader = opened.evidence.open_reader()
    write_bundle(folder / "b.zip", file, report, reader, opened.evidence.sha256, with_data=with_data)
    reader.close()
    opened.evidence.close()
    with zipfile.ZipFile(folder / "b.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_without_data_it_names_no_row_no_value_no_user_and_no_parameter(tmp_path: Path) -> None:
    files = bundle_of(tmp_path, with_data=False)
    assert set(files) == {"figures.json", "checks.json", "schema.json", "report.txt"}
    whole = "\n".join(files.values())
    assert [secret for secret in SECRETS if secret in whole] == []
    figures = json.loads(files["figures.json"])
    assert figures["summary"]["pending_writes"] == 1
    assert {bucket["bucket"] for bucket in figures["buckets"]} >= {"1#my_lists[parameters-1]", "1#all_notes[]"}
    assert figures["queue"] == [
        {"entry": 1, "transaction": 1, "op": "PATCH", "type": "todos", "id": "id-1", "columns": ["completed"]}
    ]
    found = {each["check"]: each["findings"] for each in json.loads(files["checks.json"]) if each["findings"]}
    assert found["rows/altered"] == [{"certainty": "certain", "severity": "broken", "evidence": 2}]
    assert "Rows that differ from their operation: 1 finding (certain; rows/altered)" in files["report.txt"]


def test_with_data_the_findings_stand_as_they_are_shown(tmp_path: Path) -> None:
    files = bundle_of(tmp_path, with_data=True)
    findings = json.loads(files["findings.json"])
    assert findings[0]["title"] == "Downloads are held behind 1 local write"
    assert "todos / todo-1002 completed 0 → 1" in findings[0]["next_step"]
    assert "f_customer.db" in files["report.txt"]
    assert f'made_at": "{time.strftime("%Y", time.gmtime())}' in files["figures.json"]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_comparison_is_in_it_and_tells_no_id_or_value_without_data(tmp_path: Path, fresh: bool) -> None:
    changed = copy_to(tmp_path, state("up-to-date"), "f_customer.db")
    change(
        changed,
        "UPDATE ps_data__todos SET data = json_set(data, '$.description', 'written by hand') WHERE id = 'todo-1002'",
        "PRAGMA journal_mode = DELETE",
    )
    opened = open_file(changed, work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    other = ClientDatabaseReader(copy_to(tmp_path, state("up-to-date"), "other.db"))
    reader = opened.evidence.open_reader()
    result = compare_with_fresh(reader, other) if fresh else compare(reader, other)
    assert result is not None
    compared = Compared("other.db, of f_customer", result)
    file, report = examine(opened)
    found = {}
    for with_data in (False, True):
        write_bundle(tmp_path / "b.zip", file, report, reader, "", with_data=with_data, compared=compared)
        with zipfile.ZipFile(tmp_path / "b.zip") as archive:
            found[with_data] = {name: archive.read(name).decode() for name in archive.namelist()}
    for each in (reader, other, opened.evidence):
        each.close()
    assert [secret for secret in SECRETS if secret in "".join(found[False].values())] == []
    row = json.loads(found[False]["comparison.json"])["rows"][0]
    assert (row["type"], row["id"], row["columns"]) == ("todos", "id-1", ["description"])
    assert result.sentence in found[False]["report.txt"]
    row = json.loads(found[True]["comparison.json"])["rows"][0]
    assert row["columns"]["description"]["here"] == '"written by hand"'
    assert "todos / todo-1002" in found[True]["report.txt"]
    assert ("why" in row) is fresh


def test_where_it_cannot_be_written_the_system_says_why(tmp_path: Path) -> None:
    opened = open_file(copy_to(tmp_path, state("up-to-date")), work=tmp_path / "work")
    assert isinstance(opened, OpenedDatabase)
    file, report = examine(opened)
    reader = opened.evidence.open_reader()
    with pytest.raises(OSError, match="No such file"):
        write_bundle(tmp_path / "no" / "b.zip", file, report, reader, "", with_data=False)
    reader.close()
    opened.evidence.close()

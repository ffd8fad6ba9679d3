"""Schemas that have every kind of table, and the tables that an app makes by itself for them."""

from typing import Any


def _columns(*names_and_types: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in names_and_types]


_ALL = _columns(("name", "TEXT"), ("n", "INTEGER"), ("x", "REAL"))
_BY_NUMBER = {"name": "by_n", "columns": [{"name": "n", "ascending": False, "type": "INTEGER"}]}

VIEWS = {"lists": "lists", "todos": "tasks", "logs": "logs", "drafts": "drafts"}
"""The view of each table that is written locally."""
EVERYTHING: dict[str, Any] = {
    "tables": [
        {"name": "lists", "columns": _ALL, "indexes": []},
        {
            "name": "todos",
            "view_name": "tasks",
            "columns": _ALL,
            "indexes": [_BY_NUMBER],
            "include_metadata": True,
            "include_old": True,
        },
        {"name": "logs", "columns": _ALL, "indexes": [], "insert_only": True},
        {"name": "drafts", "columns": _ALL, "indexes": [], "local_only": True},
    ],
    "raw_tables": [],
}
WITH_RAW_TABLES: dict[str, Any] = {
    "tables": [
        {
            "name": "lists",
            "columns": _ALL[:2],
            "indexes": [],
            "include_old": ["n"],
            "include_old_only_when_changed": True,
            "ignore_empty_update": True,
        },
        {"name": "drafts", "columns": _ALL, "indexes": [], "local_only": True},
    ],
    "raw_tables": [
        {
            "name": "notes",
            "put": {
                "sql": "INSERT OR REPLACE INTO my_notes(id, name, rest) VALUES (?, ?, ?)",
                "params": ["Id", {"Column": "name"}, "Rest"],
            },
            "delete": {"sql": "DELETE FROM my_notes WHERE id = ?", "params": ["Id"]},
            "clear": "DELETE FROM my_notes",
        },
        {"name": "photos", "table_name": "my_photos"},
    ],
}
FEWER: dict[str, Any] = {"tables": [EVERYTHING["tables"][1], EVERYTHING["tables"][3]], "raw_tables": []}
APPS_TABLES = (
    "CREATE TABLE my_notes(id TEXT PRIMARY KEY, name TEXT, rest TEXT)",
    "CREATE TABLE my_photos(id TEXT PRIMARY KEY, name, n INTEGER, x REAL)",
)

"""The demo's tables and users. Its sync streams stand in `streams.yaml`."""

from pathlib import Path

from inspector.service.source import Table

USERS = ("alice", "bob")
STREAMS_FILE = Path(__file__).with_name("streams.yaml")

TABLES = (
    Table("lists", (("name", "TEXT"), ("owner_id", "TEXT"), ("shared_with", "TEXT"), ("created_at", "TEXT"))),
    Table(
        "todos",
        (
            ("list_id", "TEXT"),
            ("description", "TEXT"),
            ("completed", "INTEGER"),
            ("photo_size", "INTEGER"),
            ("rating", "REAL"),
            ("created_at", "TEXT"),
        ),
    ),
    Table("notes", (("owner_id", "TEXT"), ("body", "TEXT"), ("tags", "TEXT"))),
)

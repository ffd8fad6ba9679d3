"""The demo app: shared to-do lists and notes of alice and bob. Start reading at `config.py`."""

from inspector.service.config.compile import load_sync_config
from inspector.service.demo.config import STREAMS_FILE, TABLES, USERS
from inspector.service.demo.rows import insert_groceries, insert_initial_rows
from inspector.service.demo.rules import rule
from inspector.service.source import RowChange, SourceDatabase
from inspector.service.state import Application


def application(seed: int, *, groceries: bool = False) -> Application:
    """The demo with the rows that `seed` gives, and with the story's list if it is wanted."""

    def initial_rows(source: SourceDatabase) -> list[RowChange]:
        rows = insert_initial_rows(source, seed=seed)
        return [*rows, *insert_groceries(source)] if groceries else rows

    config = load_sync_config(STREAMS_FILE, TABLES)
    return Application(TABLES, config, USERS, initial_rows, rule)

"""The demo app: shared to-do lists and notes of alice and bob. Start reading at `config.py`."""

from functools import partial

from inspector.service.config.compile import load_sync_config
from inspector.service.demo.config import STREAMS_FILE, TABLES, USERS
from inspector.service.demo.rows import insert_initial_rows
from inspector.service.demo.rules import rule
from inspector.service.state import Application


def application(seed: int) -> Application:
    """The demo with the rows that `seed` gives."""
    config = load_sync_config(STREAMS_FILE, TABLES)
    return Application(TABLES, config, USERS, partial(insert_initial_rows, seed=seed), rule)

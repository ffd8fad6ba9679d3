"""Changes a row about once a second, so that frames keep arriving."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from inspector.service.demo.rows import OWNERS, new_note, new_todo, timestamp
from inspector.service.demo.texts import LISTS, NOTES
from inspector.service.source import RowChange, SourceDatabase
from inspector.service.state import ServiceState
from inspector.service.sync_config import Parameters

_PAUSE_SECONDS = (0.6, 1.4)
_MOST_AT_ONCE = 6
_ID_BITS = 48

_Write = Callable[[SourceDatabase, random.Random], list[RowChange | None]]


async def write_forever(state: ServiceState, seed: int) -> None:
    """One transaction about every second until cancelled."""
    # The newest op id, so that a service that starts again does not make the same ids again.
    chance = random.Random(f"{seed}-{state.buckets.last_op_id}")
    while True:
        await asyncio.sleep(chance.uniform(*_PAUSE_SECONDS))
        write_once(state, chance)


def write_once(state: ServiceState, chance: random.Random) -> None:
    """One transaction of one or several rows."""
    write = chance.choices(list(_WRITES), weights=list(_WRITES.values()))[0]
    # A table that somebody has emptied leaves nothing to choose from.
    with suppress(IndexError), state.replication.transaction() as changes:
        changes += (change for change in write(state.source, chance) if change is not None)


def _add_todo(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    list_id, description = _some_list_and_text(source, chance)
    now = timestamp(datetime.now(UTC))
    todo = {**new_todo(chance, _new_id("todo", chance), list_id, description, now), "completed": 0}
    return list(source.insert_all("todos", [todo]))


def _tick_todo(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    row_id, completed = _some(source, chance, "SELECT id, completed FROM todos")
    return [source.patch("todos", str(row_id), {"completed": 0 if completed else 1})]


def _rate_todo(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    (row_id,) = _some(source, chance, "SELECT id FROM todos")
    return [source.patch("todos", str(row_id), {"rating": round(chance.uniform(1, 5), 1)})]


def _delete_todo(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    (row_id,) = _some(source, chance, "SELECT id FROM todos")
    return [source.delete("todos", str(row_id))]


def _edit_note(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    (row_id,) = _some(source, chance, "SELECT id FROM notes")
    return [source.patch("notes", str(row_id), {"body": " ".join(chance.sample(NOTES, 2))})]


def _replace_note(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    """A note goes and another comes, so that there are always as many."""
    (row_id,) = _some(source, chance, "SELECT id FROM notes")
    note = new_note(chance, _new_id("note", chance), chance.choice(OWNERS))
    return [source.delete("notes", str(row_id)), *source.insert_all("notes", [note])]


def _tick_several(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    (list_id,) = _some(source, chance, "SELECT id FROM lists")
    found = source.query("SELECT id, completed FROM todos WHERE list_id = ?", (list_id,))
    chosen = chance.sample(list(found), min(len(found), chance.randint(2, _MOST_AT_ONCE)))
    return [source.patch("todos", str(row_id), {"completed": 0 if completed else 1}) for row_id, completed in chosen]


def _rename_list(source: SourceDatabase, chance: random.Random) -> list[RowChange | None]:
    row_id, name = _some(source, chance, "SELECT id, name FROM lists")
    other = str(name).removesuffix(" (new)") if str(name).endswith(" (new)") else f"{name!s} (new)"
    return [source.patch("lists", str(row_id), {"name": other})]


_WRITES: Mapping[_Write, int] = {
    _add_todo: 20,
    _tick_todo: 25,
    _rate_todo: 10,
    _delete_todo: 20,
    _edit_note: 10,
    _replace_note: 5,
    _tick_several: 7,
    _rename_list: 3,
}
"""Weights. As many to-dos are deleted as added, so that a long demo keeps its size."""


def _some_list_and_text(source: SourceDatabase, chance: random.Random) -> tuple[str, str]:
    """A list, and a to-do that fits its name where that is one of ours."""
    list_id, name = _some(source, chance, "SELECT id, name FROM lists")
    texts = next((texts for texts in LISTS if str(name).startswith(texts.name)), LISTS[0])
    return str(list_id), chance.choice(texts.todos())


def _some(source: SourceDatabase, chance: random.Random, sql: str) -> Parameters:
    """A row of a query that selects an id; raises IndexError when there is none."""
    return chance.choice(source.query(f"{sql} ORDER BY id"))


def _new_id(kind: str, chance: random.Random) -> str:
    return f"{kind}-{chance.getrandbits(_ID_BITS):012x}"

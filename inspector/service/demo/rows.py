"""The demo's first rows, about 2,000, the same for the same seed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from inspector.service.demo.texts import LISTS, NOTE_TAGS, NOTES
from inspector.service.groceries import GROCERIES, ITEMS
from inspector.service.source import RowChange, SourceDatabase
from inspector.service.sync_config import Row

OWNERS = ("alice", "bob", "carol")
"""Carol has no credentials: her lists are those that the others can subscribe to."""

_LISTS_BY_OWNER = {"alice": range(9), "bob": range(9, 18), "carol": range(18, len(LISTS))}
_SHARED_WITH = {0: "bob", 17: "alice"}
"""Each shares a list with the other: an empty bucket would have every checkpoint wait for it."""
_TODOS_A_LIST = range(68, 85)
_NOTES = 280
_FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
_DAYS = 300
_LARGEST_PHOTO = 12_000_000
_BEYOND_DOUBLES = 2**53 + 1
"""A number that a decoder who thinks in doubles gets wrong."""


def insert_initial_rows(source: SourceDatabase, *, seed: int) -> list[RowChange]:
    """Fills empty tables."""
    chance = random.Random(seed)
    lists = list(_lists(chance))
    return [
        *source.insert_all("lists", lists),
        *source.insert_all("todos", _todos(chance, lists)),
        *source.insert_all("notes", _notes(chance)),
    ]


def insert_groceries(source: SourceDatabase) -> list[RowChange]:
    """Adds the story's list."""
    return [*source.insert_all("lists", [GROCERIES]), *source.insert_all("todos", ITEMS)]


def new_todo(chance: random.Random, row_id: str, list_id: str, description: str, created_at: str) -> Row:
    """A to-do with everything but its text made up."""
    return {
        "id": row_id,
        "list_id": list_id,
        "description": description,
        "completed": int(chance.random() < 0.4),
        "photo_size": chance.randrange(40_000, _LARGEST_PHOTO) if chance.random() < 0.3 else None,
        "rating": round(chance.uniform(1, 5), 1) if chance.random() < 0.5 else None,
        "created_at": created_at,
    }


def new_note(chance: random.Random, row_id: str, owner_id: str) -> Row:
    """A note; its tags are JSON text, as a JSON column arrives."""
    tags = chance.sample(NOTE_TAGS, chance.randrange(4))
    return {
        "id": row_id,
        "owner_id": owner_id,
        "body": " ".join(chance.sample(NOTES, chance.randrange(1, 4))),
        "tags": msgspec.json.encode(tags).decode() if tags else None,
    }


def timestamp(moment: datetime) -> str:
    """As the real service writes timestamps: UTC, microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _lists(chance: random.Random) -> Iterator[Row]:
    owner_of = {index: owner for owner, indexes in _LISTS_BY_OWNER.items() for index in indexes}
    for index, texts in enumerate(LISTS):
        yield {
            "id": f"list-{index + 1}",
            "name": texts.name,
            "owner_id": owner_of[index],
            "shared_with": _SHARED_WITH.get(index),
            "created_at": _some_time(chance, index),
        }


def _todos(chance: random.Random, lists: list[Row]) -> Iterator[Row]:
    number = 0
    for index, row in enumerate(lists):
        texts = LISTS[index].todos()
        for description in chance.sample(texts, min(len(texts), chance.choice(_TODOS_A_LIST))):
            number += 1
            todo = new_todo(chance, f"todo-{number}", str(row["id"]), description, _some_time(chance, index))
            yield {**todo, "photo_size": _BEYOND_DOUBLES} if number == 1 else todo


def _notes(chance: random.Random) -> Iterator[Row]:
    for number in range(1, _NOTES + 1):
        yield new_note(chance, f"note-{number}", chance.choice(OWNERS))


def _some_time(chance: random.Random, earliest_day: int) -> str:
    seconds = chance.randrange(earliest_day * 86_400, _DAYS * 86_400)
    return timestamp(_FIRST_DAY + timedelta(seconds=seconds, microseconds=chance.randrange(1_000_000)))

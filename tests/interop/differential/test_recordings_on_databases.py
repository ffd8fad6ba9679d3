"""Every database of the official client goes on with a recorded stream as the native core goes on with it."""

from pathlib import Path
from typing import Any

import pytest

from tests.interop.differential.pair import Pair
from tests.recordings import CAPTURES, Recording
from tests.store.database_files import STATES, VERSIONS, copy_to, state, version

READABLE = [name for name in STATES if name not in ("damaged", "truncated", "encrypted")]
DATABASES = [*(version(name) for name in sorted(VERSIONS)), *(state(name) for name in READABLE)]
RECORDINGS = ("incremental", "after-compact-resume-old")


def table(name: str, /, **columns: str) -> dict[str, Any]:
    listed = [{"name": column, "type": kind} for column, kind in columns.items()]
    return {"name": name, "columns": listed, "indexes": []}


LISTS = table("lists", name="TEXT", owner_id="TEXT", created_at="TEXT")
TODOS = table(
    "todos",
    list_id="TEXT",
    description="TEXT",
    completed="INTEGER",
    photo_size="INTEGER",
    rating="REAL",
    created_at="TEXT",
)
BY_LIST = {"name": "by_list", "columns": [{"name": "list_id", "ascending": True, "type": "TEXT"}]}
SCHEMA: dict[str, Any] = {"tables": [LISTS, {**TODOS, "indexes": [BY_LIST]}], "raw_tables": []}
NOTES = table("notes", owner_id="TEXT", body="TEXT", tags="TEXT")


@pytest.mark.parametrize("database", DATABASES, ids=lambda path: path.stem)
def test_a_database_goes_on_with_a_recorded_stream(native_library: Path, tmp_path: Path, database: Path) -> None:
    file = copy_to(tmp_path, database)
    for recording in RECORDINGS:
        pair = Pair(native_library, SCHEMA, database=file)
        play(pair, Recording(CAPTURES / recording))
        pair.use_schema({**SCHEMA, "tables": [*SCHEMA["tables"], NOTES]})
        pair.start()
        pair.close()


def play(pair: Pair, recording: Recording) -> None:
    """The stream up to its middle, where it is cut, and then from its beginning up to where a client ends it."""
    frames = list(recording.frames())
    for many in (len(frames) // 2, len(frames)):
        pair.start()
        for frame in frames[:many]:
            if pair.is_open:
                pair.frame(f"{recording.folder.name}: {frame!r:.80}", frame, binary=False)
        pair.stop()

"""The short list that alice and bob share in the story: few enough rows to follow each of them.

Imports nothing, so that the window can know the list cheaply.
"""

from typing import TypeAlias

Row: TypeAlias = dict[str, str | int | None]

LIST_ID = "groceries"
BUCKET = f'my_todos|0["{LIST_ID}"]'
"""Its to-dos; the stream's number stands before it."""

GROCERIES: Row = {
    "id": LIST_ID,
    "name": "Groceries for Sunday",
    "owner_id": "alice",
    "shared_with": "bob",
    "created_at": "2026-01-04T08:00:00.000000Z",
}

ITEMS: tuple[Row, ...] = tuple(
    {
        "id": f"{LIST_ID}-{number}",
        "list_id": LIST_ID,
        "description": description,
        "completed": 0,
        "photo_size": None,
        "rating": None,
        "created_at": f"2026-01-04T08:0{number}:00.000000Z",
    }
    for number, description in enumerate(("Milk", "Bread", "Tomatoes"), start=1)
)

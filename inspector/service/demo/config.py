"""The demo's tables, users and sync streams.

The streams as they would stand in a sync config:

    my_lists    priority 1, auto: SELECT * FROM lists WHERE owner_id = auth.user_id() OR shared_with = auth.user_id()
    my_todos    priority 3, auto: SELECT * FROM todos WHERE list_id IN (SELECT id FROM lists WHERE … as above)
    all_notes   priority 2, auto: SELECT * FROM notes
    list_todos  priority 3:       SELECT * FROM todos WHERE list_id = subscription.parameter('list')
"""

from collections.abc import Iterable

from inspector.service.source import Table
from inspector.service.sync_config import BucketSource, Parameters, Requester, Row, Stream, StreamQuery, SyncConfig

USERS = ("alice", "bob")

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


def _members(row: Row) -> Iterable[Parameters]:
    return ((user,) for user in (row["owner_id"], row["shared_with"]) if user is not None)


def _list_of(row: Row) -> Iterable[Parameters]:
    return ((row["list_id"],),) if row["list_id"] is not None else ()


def _everybody(_: Row | Requester) -> Iterable[Parameters]:
    return ((),)


def _own_lists(requester: Requester) -> Iterable[Parameters]:
    return requester.query(
        "SELECT id FROM lists WHERE owner_id = ?1 OR shared_with = ?1 ORDER BY created_at", (requester.user_id,)
    )


def _subscribed_list(requester: Requester) -> Iterable[Parameters]:
    wanted = requester.subscription_parameters.get("list")
    return () if wanted is None else ((wanted,),)


_LISTS = BucketSource("my_lists|0", "lists", _members)
_TODOS = BucketSource("my_todos|0", "todos", _list_of)
_NOTES = BucketSource("all_notes|0", "notes", _everybody)

SYNC_CONFIG = SyncConfig(
    (
        Stream(
            "my_lists",
            (StreamQuery(_LISTS, lambda requester: ((requester.user_id,),)),),
            auto_subscribe=True,
            priority=1,
        ),
        Stream("my_todos", (StreamQuery(_TODOS, _own_lists, frozenset({"lists"})),), auto_subscribe=True, priority=3),
        Stream("all_notes", (StreamQuery(_NOTES, _everybody),), auto_subscribe=True, priority=2),
        Stream("list_todos", (StreamQuery(_TODOS, _subscribed_list),), priority=3),
    )
)

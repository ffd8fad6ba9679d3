"""Sync streams from YAML: what the subset means, and that everything else is named with its line."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import apsw
import pytest

from inspector.service.config.compile import load_sync_config
from inspector.service.config.errors import SyncConfigError
from inspector.service.source import SourceDatabase, Table
from inspector.service.sync_config import Requester, Row, StreamFailure, SyncConfig

LISTS = Table("lists", (("name", ""), ("owner_id", ""), ("shared_with", ""), ("archived", "")))
TODOS = Table("todos", (("list_id", ""), ("title", ""), ("size", ""), ("photo", "")))
MEMBERS = Table("members", (("user_id", ""), ("list_id", ""), ("role", "")))
UUIDS = Table("things", (("uuid", ""), ("Kind", "")), ("uuid",))
TABLES = (LISTS, TODOS, MEMBERS, UUIDS)


def configured(path: Path, text: str) -> SyncConfig:
    file = path / "streams.yaml"
    file.write_text(text)
    return load_sync_config(file, TABLES)


def of_query(path: Path, query: str, more: str = "") -> SyncConfig:
    return configured(path, f"config:\n  edition: 3\nstreams:\n  s:\n    query: {query}\n{more}")


def asking(
    rows: Iterable[tuple[str, Row]] = (),
    user: str = "u",
    token: dict[str, Any] | None = None,
    connection: dict[str, Any] | None = None,
    **subscription: Any,
) -> Requester:
    database = SourceDatabase(apsw.Connection(":memory:"), TABLES)
    database.create_tables()
    for table, row in rows:
        database.insert_all(table, [row])
    return Requester(user, token or {}, connection or {}, subscription, database.query)


def buckets(config: SyncConfig, requester: Requester, stream: int = 0) -> list[str]:
    return [
        config.bucket_name(query.source, parameters)
        for query in config.streams[stream].queries
        for parameters in query.buckets_for(requester)
    ]


def placed(config: SyncConfig, table: str, **columns: Any) -> dict[str, Row]:
    """The buckets that hold a row, with what travels."""
    names = next(known.names for known in TABLES if known.name == table)
    row = {**dict.fromkeys(names), **columns}
    found = {}
    for source in config.sources_of(table):
        if (here := source.place(row)) is not None:
            found[config.bucket_name(source, here.parameters)] = here.columns
    return found


def test_a_row_belongs_to_the_user_that_it_names(tmp_path: Path) -> None:
    config = of_query(tmp_path, "SELECT * FROM lists WHERE owner_id = auth.user_id()")
    assert buckets(config, asking(user="alice")) == ['1#s|0["alice"]']
    assert list(placed(config, "lists", id="l", owner_id="alice")) == ['1#s|0["alice"]']
    assert placed(config, "lists", id="l") == {}


def test_each_alternative_of_an_or_has_buckets_of_its_own(tmp_path: Path) -> None:
    config = of_query(tmp_path, "SELECT * FROM lists WHERE owner_id = auth.user_id() OR auth.user_id() = shared_with")
    assert buckets(config, asking(user="a")) == ['1#s|0["a"]', '1#s|1["a"]']
    assert list(placed(config, "lists", id="l", owner_id="a", shared_with="b")) == ['1#s|0["a"]', '1#s|1["b"]']


def test_conditions_on_the_row_alone_decide_whether_it_is_there(tmp_path: Path) -> None:
    config = of_query(
        tmp_path,
        "SELECT * FROM lists WHERE (archived = 0 OR archived IS NULL) AND NOT (name LIKE 'x%') AND name NOT IN ('y')",
    )
    assert buckets(config, asking()) == ["1#s|0[]"]
    assert list(placed(config, "lists", id="l", archived=0, name="n")) == ["1#s|0[]"]
    for other in ({"archived": 1, "name": "n"}, {"archived": 0, "name": "xn"}, {"archived": 0, "name": "y"}):
        assert placed(config, "lists", id="l", **other) == {}


def test_conditions_on_the_requester_alone_decide_whether_there_is_anything(tmp_path: Path) -> None:
    config = of_query(
        tmp_path,
        "SELECT * FROM lists WHERE auth.parameter('role') = 'admin' AND connection.parameter('version') > 2",
    )
    assert buckets(config, asking(token={"role": "admin"}, connection={"version": 3})) == ["1#s|0[]"]
    assert buckets(config, asking(token={"role": "admin"}, connection={"version": 2})) == []
    assert buckets(config, asking(connection={"version": 3})) == []


def test_a_subquery_gives_a_bucket_for_each_of_its_rows(tmp_path: Path) -> None:
    config = of_query(
        tmp_path, "SELECT * FROM todos WHERE list_id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())"
    )
    rows = [
        ("members", {"id": f"m{n}", "user_id": user, "list_id": f"l{n}", "role": None}) for n, user in enumerate("aab")
    ]
    assert buckets(config, asking(rows, user="a")) == ['1#s|0["l0"]', '1#s|0["l1"]']
    assert config.streams[0].queries[0].looks_up == {"members"}
    assert config.looked_up == {("members", "user_id")}
    assert config.tables == {"todos", "members"}


def test_subqueries_nest_and_agree_with_what_else_is_asked_of_the_column(tmp_path: Path) -> None:
    config = of_query(
        tmp_path,
        "SELECT * FROM todos WHERE list_id = subscription.parameter('list') AND list_id IN"
        " (SELECT id FROM lists WHERE id IN (SELECT list_id FROM members WHERE user_id = auth.user_id()))",
    )
    rows: list[tuple[str, Row]] = [
        ("lists", {"id": "l1", "name": None, "owner_id": None, "shared_with": None, "archived": None}),
        ("members", {"id": "m", "user_id": "a", "list_id": "l1", "role": None}),
    ]
    assert buckets(config, asking(rows, user="a", list="l1")) == ['1#s|0["l1"]']
    assert buckets(config, asking(rows, user="a", list="l2")) == []
    assert buckets(config, asking(rows, user="b", list="l1")) == []
    assert buckets(config, asking(rows, user="a")) == []


def test_a_requester_can_be_looked_up(tmp_path: Path) -> None:
    config = of_query(
        tmp_path, "SELECT * FROM lists WHERE auth.user_id() IN (SELECT user_id FROM members WHERE role = 'admin')"
    )
    admin: list[tuple[str, Row]] = [("members", {"id": "m", "user_id": "a", "list_id": None, "role": "admin"})]
    assert buckets(config, asking(admin, user="a")) == ["1#s|0[]"]
    assert buckets(config, asking(admin, user="b")) == []


def test_a_list_parameter_is_as_many_buckets(tmp_path: Path) -> None:
    config = of_query(tmp_path, "SELECT * FROM todos WHERE list_id IN subscription.parameter('lists')")
    assert buckets(config, asking(lists=["x", "y", "x", None])) == ['1#s|0["x"]', '1#s|0["y"]']
    assert buckets(config, asking(lists="z")) == ['1#s|0["z"]']
    assert buckets(config, asking()) == []


def test_values_that_are_equal_to_sqlite_are_one_bucket(tmp_path: Path) -> None:
    config = of_query(tmp_path, "SELECT * FROM todos WHERE size = subscription.parameter('size')")
    assert buckets(config, asking(size=5)) == buckets(config, asking(size=5.0)) == ["1#s|0[5]"]
    assert list(placed(config, "todos", id="t", size=5.0)) == ["1#s|0[5]"]
    assert buckets(config, asking(size=True)) == ["1#s|0[1]"]


def test_streams_that_select_the_same_share_their_buckets(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        """config:
  edition: 3
streams:
  mine:
    auto_subscribe: true
    priority: 1
    query: SELECT * FROM todos WHERE list_id IN (SELECT id FROM lists WHERE owner_id = auth.user_id())
  one:
    query: SELECT * FROM todos WHERE list_id = subscription.parameter('list')
  other_columns:
    query: SELECT id, title FROM todos WHERE list_id = subscription.parameter('list')
""",
    )
    assert buckets(config, asking(list="l"), 1) == ['1#mine|0["l"]']
    assert buckets(config, asking(list="l"), 2) == ['1#other_columns|0["l"]']
    assert [(stream.auto_subscribe, stream.priority) for stream in config.streams] == [
        (True, 1),
        (False, 3),
        (False, 3),
    ]


def test_several_queries_of_a_stream_are_variants(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        "config: {edition: 3}\nstreams:\n  all:\n    queries: [SELECT * FROM lists, SELECT * FROM todos]\n",
    )
    assert buckets(config, asking()) == ["1#all|0[]", "1#all|1[]"]


def test_columns_can_be_chosen_renamed_and_computed(tmp_path: Path) -> None:
    config = of_query(
        tmp_path,
        "SELECT uuid AS id, upper(Kind) AS shout, kind ->> 'a' AS a, coalesce(NULL, 'none') AS other FROM things AS t2",
    )
    source = config.sources_of("things")[0]
    assert source.object_type == "t2"
    assert placed(config, "things", uuid="u", Kind='{"a": 1}') == {
        "1#s|0[]": {"id": "u", "shout": '{"A": 1}', "a": 1, "other": "none"}
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT todos.* FROM todos JOIN lists ON todos.list_id = lists.id", "JOIN is outside of the subset"),
        ("SELECT * FROM lists GROUP BY name", "GROUP BY is outside of the subset"),
        ("SELECT * FROM lists ORDER BY name", "ORDER BY is outside of the subset"),
        ("SELECT * FROM lists LIMIT 5", "LIMIT is outside of the subset"),
        ("SELECT DISTINCT * FROM lists", "DISTINCT is outside of the subset"),
        ("SELECT * FROM lists UNION SELECT * FROM lists", "A query is one SELECT"),
        ("DELETE FROM lists", "A query is one SELECT"),
        ("SELECT * FROM (SELECT * FROM lists)", "Name a table"),
        ("SELECT * FROM main.lists", "main.lists in FROM is outside of the subset"),
        ("SELECT * FROM nothing", "There is no table “nothing”. The database has: lists, members, things, todos."),
        ("SELECT * FROM lists WHERE nothing = 1", "lists has no column “nothing”. It has id, name,"),
        ("SELECT name FROM lists", "selects no column “id”"),
        ("SELECT * FROM things", "SELECT uuid AS id, …"),
        ("SELECT id, upper(name) FROM lists", "UPPER(name) has no name. Give it one with AS."),
        ("SELECT id, auth.user_id() AS me FROM lists", "cannot depend on the one who asks"),
        ("SELECT id, count(*) AS n FROM lists", "The function COUNT is outside of the subset"),
        ("SELECT * FROM lists WHERE random() > 0", "The function RANDOM is outside of the subset"),
        (
            "SELECT * FROM lists WHERE name > auth.parameter('x')",
            "name > auth.parameter('x') is outside of the subset. Row and",
        ),
        (
            "SELECT * FROM lists WHERE NOT owner_id = auth.user_id()",
            "NOT owner_id = auth.user_id() is outside of the subset",
        ),
        ("SELECT * FROM lists WHERE owner_id != auth.user_id()", "owner_id <> auth.user_id() is outside of the subset"),
        (
            "SELECT * FROM lists WHERE id NOT IN (SELECT list_id FROM members)",
            "NOT id IN (SELECT list_id FROM members) is outside",
        ),
        (
            "SELECT * FROM lists WHERE id IN (SELECT list_id FROM members WHERE role > auth.parameter('r'))",
            "Row and requester can only agree",
        ),
        (
            "SELECT * FROM lists WHERE id IN (SELECT list_id FROM members WHERE members.role = lists.name)",
            "A subquery sees the columns of its own table only",
        ),
        ("SELECT * FROM lists WHERE id IN (SELECT * FROM members)", "selects one column"),
        ("SELECT * FROM lists WHERE EXISTS (SELECT 1 FROM members)", "EXISTS"),
        ("SELECT * FROM lists WHERE name = (SELECT role FROM members)", "A subquery outside of IN"),
        (
            "SELECT * FROM lists WHERE owner_id = request.user_id()",
            "REQUEST.USER_ID() is not understood. What is: auth.user_id()",
        ),
        ("SELECT * FROM lists WHERE owner_id = auth.parameter(name)", "is not understood"),
        ("SELECT * FROM lists WHERE owner_id = :me", ":me stands for no value"),
        ("SELECT * FROM lists; SELECT * FROM todos", "Give several as a list below “queries:”"),
        ("SELECT * FROM lists WHERE", "The query is no SQL"),
        ("SELECT * FROM lists WHERE name = 'x", "The query is no SQL"),
    ],
)
def test_what_is_outside_of_the_subset_is_named_with_its_line(tmp_path: Path, query: str, sentence: str) -> None:
    quoted = query.replace("'", "''")
    with pytest.raises(SyncConfigError) as refused:
        of_query(tmp_path, f"'{quoted}'")
    assert str(refused.value).startswith("streams.yaml, line 5: ")
    assert sentence.casefold() in str(refused.value).casefold()


@pytest.mark.parametrize("style", ["|", "|-", ">", ""])
def test_the_line_is_that_of_the_construct(tmp_path: Path, style: str) -> None:
    query = f"""{style}
      SELECT *
      FROM lists

      WHERE owner_id = auth.user_id()
        AND name GLOB 'x'"""
    with pytest.raises(SyncConfigError, match="line 10: name GLOB 'x' is outside of the subset"):
        of_query(tmp_path, query)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: The file is empty."),
        ("streams: {s: {query: SELECT * FROM lists}}", "line 1: The edition is not given."),
        ("config:\n  edition: 2", "line 2: This edition is not understood; 3 is."),
        ("config: {edition: 3}", "line 1: There are no streams."),
        (
            "config: {edition: 3}\nbucket_definitions: {}",
            "line 2: “bucket_definitions” is not understood here. Sync rules are",
        ),
        ("config: {edition: 3}\nstreams:\n  s: {}", "line 3: The stream “s” has no query."),
        (
            "config: {edition: 3}\nstreams:\n  s:\n    with: {a: b}",
            "line 4: “with” is not understood here. Common table",
        ),
        (
            "config: {edition: 3}\nstreams:\n  s:\n    query: SELECT * FROM lists\n    priority: 4",
            "line 5: A priority is a number",
        ),
        (
            "config: {edition: 3}\nstreams:\n  s:\n    query: SELECT * FROM lists\n    auto_subscribe: 1",
            "line 5: This is true or false.",
        ),
        (
            "config: {edition: 3}\nstreams:\n  s:\n    query: [a]\n  s:\n    query: b",
            "line 5: “s” is given twice, first in line 3.",
        ),
        ("config: {edition: 3}\nstreams:\n\tx", "This is no YAML"),
        ("config: {edition: 3}\nstreams: [a]", "line 2: “streams” is a list of names with values"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SyncConfigError) as refused:
        configured(tmp_path, text)
    assert sentence in str(refused.value)


def test_a_query_that_fails_for_what_a_client_sent_is_that_streams_error(tmp_path: Path) -> None:
    config = of_query(
        tmp_path, "SELECT * FROM lists WHERE name = json_extract(subscription.parameter('filter'), '$.name')"
    )
    assert buckets(config, asking(filter={"name": "n"})) == ['1#s|0["n"]']
    with pytest.raises(StreamFailure, match="malformed JSON"):
        buckets(config, asking(filter="no JSON"))


def test_the_example_in_the_documentation_is_understood(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "resources/docs/service.md").read_text()
    file = tmp_path / "streams.yaml"
    file.write_text(text.partition("```yaml\n")[2].partition("```")[0])
    tables = (
        Table("lists", (("name", ""), ("owner_id", ""), ("shared_with", ""))),
        Table("todos", (("list_id", ""), ("title", ""), ("done", ""), ("archived", ""))),
        Table("members", (("user_id", ""), ("list_id", ""))),
        Table("admins", (("user_id", ""),)),
    )
    config = load_sync_config(file, tables)
    assert [len(stream.queries) for stream in config.streams] == [2, 1, 1, 2]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SyncConfigError, match="cannot be read: No such file"):
        load_sync_config(tmp_path / "none.yaml", TABLES)

"""Client databases with very many operations, made in a few seconds."""

from pathlib import Path

import apsw

from inspector.store.database import ClientDatabase


def make_large(path: Path, operations: int) -> Path:
    """One bucket of this many rows of `todos`, published; checksums are those of the rows' numbers."""
    ClientDatabase.open(path).close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF")
    numbers = f"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {operations})"
    row = "json_object('description', 'Todo number ' || i, 'completed', i % 2, 'rating', i * 0.5)"
    with connection:
        connection.execute(
            "INSERT INTO ps_buckets(id, name, last_op, last_applied_op, op_checksum, count_at_last, count_since_last)"
            " VALUES (1, 'all_todos[]', ?1, ?1, ?1 * (?1 + 1) / 2, ?1, 0)",
            (operations,),
        )
        connection.execute("CREATE TABLE ps_data__todos(id TEXT PRIMARY KEY NOT NULL, data TEXT)")
        connection.execute(
            f"{numbers} INSERT INTO ps_oplog(bucket, op_id, key, row_type, row_id, data, hash)"
            f" SELECT 1, i, 'todos/todo-' || i || '/null', 'todos', 'todo-' || i, {row}, i FROM n"
        )
        connection.execute(f"{numbers} INSERT INTO ps_data__todos SELECT 'todo-' || i, {row} FROM n")
        connection.execute(
            'CREATE VIEW "todos"("id", "description", "completed", "rating") AS SELECT id,'
            " CAST(json_extract(data, '$.description') as text), CAST(json_extract(data, '$.completed') as integer),"
            " CAST(json_extract(data, '$.rating') as real)"
            ' FROM "ps_data__todos" -- powersync-auto-generated'
        )
    connection.close()
    return path

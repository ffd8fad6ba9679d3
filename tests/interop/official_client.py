"""The official Node client in a process of its own, spoken to by JSON lines.

A process whose database was closed is idle, and opens the next one: Node and the SDK take most of a second to start.
"""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from inspector.service.source import Table

PATIENCE_SECONDS = 30
_RETRY_MILLISECONDS = 100
"""The SDK's default is 5 s; what is tested is that it tries again."""

_SQLITE_TO_SDK = {"TEXT": "text", "INTEGER": "integer", "REAL": "real"}


class OfficialClient:
    """One client database in the hands of the official client; `statuses` grows as it tells of them."""

    def __init__(self, script: Path) -> None:
        self.statuses: list[dict[str, Any]] = []
        self.idle = False
        self.process = subprocess.Popen(["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._commands = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def do(self, name: str, **given: Any) -> Any:
        """Carry out a command of `client.mjs`; its value."""
        self._commands += 1
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": self._commands, "do": name, **given}).encode() + b"\n")
        self.process.stdin.flush()
        try:
            answer = self._answers.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            raise AssertionError(f"“{name}” does not end; the last status: {self.statuses[-1:]}") from None
        assert answer.get("id") == self._commands, answer
        assert "error" not in answer, f"{name}: {answer['error']}"
        return answer["value"]

    def connect(self, endpoint: str, *tokens: str, credentials: str = "", backend: str = "", **options: Any) -> None:
        """Connect with these tokens one after the other, then with those of the address `credentials`."""
        self.do(
            "connect",
            endpoint=endpoint,
            tokens=tokens,
            credentials=credentials,
            backend=backend or f"{endpoint}/api/data",
            options={"retryDelayMs": _RETRY_MILLISECONDS, "crudUploadThrottleMs": 10, **options},
        )

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Rows, by column."""
        rows: list[dict[str, Any]] = self.do("query", sql=sql, values=values)
        return rows

    def value(self, sql: str, *values: Any) -> Any:
        """The only column of the first row."""
        (value,) = self.query(sql, *values)[0].values()
        return value

    def write(self, *statements: tuple[Any, ...]) -> None:
        """Each statement is its SQL and its values; all of them are one transaction."""
        self.do("write", statements=[(sql, values) for sql, *values in statements])

    def rows_become(self, sql: str, *row: Any) -> None:
        """Wait until the first row of the query is `row`."""
        self.do("rows_become", sql=sql, row=row)

    def close(self) -> None:
        """Close the database."""
        self.do("close")
        self.idle = True

    def end(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = json.loads(line)
            if "status" in message:
                self.statuses.append(message["status"])
            else:
                self._answers.put(message)
        self._answers.put({"error": "The process has ended."})


_idle: list[OfficialClient] = []

Opener: TypeAlias = Callable[[Path], AbstractContextManager[OfficialClient]]
"""What the fixture `official` is: a client database's file, opened."""


@contextmanager
def official_client(
    script: Path, file: Path, schema: dict[str, Any], *, readers: int | None = 1
) -> Iterator[OfficialClient]:
    """The official client with `file` open, until the block ends; `readers` None leaves their number to the SDK."""
    client = _idle.pop() if _idle else OfficialClient(script)
    client.idle, client.statuses = False, []
    try:
        client.do("open", file=str(file), schema=schema, readers=readers)
        yield client
    finally:
        if client.idle:
            _idle.append(client)
        else:
            client.end()


def end_idle() -> None:
    """End the processes that have no database open."""
    while _idle:
        _idle.pop().end()


def sdk_schema(tables: Iterable[Table]) -> dict[str, Any]:
    """The source tables of a service, as an SDK's schema."""
    return {
        "tables": [
            {
                "name": table.name,
                "columns": [{"name": name, "type": _SQLITE_TO_SDK[kind]} for name, kind in table.columns],
            }
            for table in tables
        ]
    }

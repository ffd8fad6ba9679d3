"""A service with the operations of the recordings `initial-ndjson` and `incremental`, each sent to whoever lacks it.

The databases in `tests/data/databases` were filled from these recordings, so it can continue every one of them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.recordings import CAPTURES, Recording
from tests.scripted_service import Answer, ScriptedService, serving

LAST_OP = 1598


class HistoryService(ScriptedService):
    """Answers each stream request with one checkpoint and what is missing for it; `sent` counts operations."""

    def __init__(self) -> None:
        super().__init__([])
        self.write_checkpoint = 7
        self.sent: list[int] = []
        self._buckets, self._checkpoint = _history()

    def answer(self, number: int) -> Answer:
        after = {bucket["name"]: int(bucket["after"]) for bucket in self.requests[number]["buckets"]}
        lines: list[dict[str, Any]] = [
            {"checkpoint": {**self._checkpoint, "write_checkpoint": str(self.write_checkpoint)}}
        ]
        missing = {
            name: [one for one in operations if int(one["op_id"]) > after.get(name, 0)]
            for name, operations in self._buckets.items()
        }
        lines += [
            {
                "data": {
                    "bucket": name,
                    "after": str(after.get(name, 0)),
                    "has_more": False,
                    "data": operations,
                    "next_after": operations[-1]["op_id"],
                }
            }
            for name, operations in missing.items()
            if operations
        ]
        lines.append({"checkpoint_complete": {"last_op_id": str(LAST_OP)}})
        self.sent.append(sum(map(len, missing.values())))
        return Answer("".join(f"{json.dumps(line)}\n" for line in lines).encode(), hold=True)

    def fetched(self) -> bytes:
        """Confirms uploads, the legacy way."""
        self.write_checkpoint += 1
        return json.dumps({"data": {"write_checkpoint": str(self.write_checkpoint)}}).encode()


def _history() -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """All operations by bucket, and the last checkpoint."""
    operations: dict[str, list[dict[str, Any]]] = {}
    described: dict[str, dict[str, Any]] = {}
    streams: list[dict[str, Any]] = []
    for name in ("initial-ndjson", "incremental"):
        for frame in Recording(CAPTURES / name).frames():
            ((kind, line),) = json.loads(frame).items()
            if kind == "checkpoint":
                described = {bucket["bucket"]: bucket for bucket in line["buckets"]}
                streams = line["streams"]
            elif kind == "checkpoint_diff":
                described |= {bucket["bucket"]: bucket for bucket in line["updated_buckets"]}
                for removed in line["removed_buckets"]:
                    del described[removed]
            elif kind == "data":
                operations.setdefault(line["bucket"], []).extend(line["data"])
    checkpoint = {"last_op_id": str(LAST_OP), "buckets": list(described.values()), "streams": streams}
    return {name: operations[name] for name in described}, checkpoint


@contextmanager
def history_service() -> Iterator[HistoryService]:
    """Run one until the block ends."""
    server = HistoryService()
    with serving(server):
        yield server

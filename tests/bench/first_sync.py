"""A first sync, from the start of the client's process to its end, by the official Node client and by our engine."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.prepared_stream import first_checkpoint, prepared_stream
from tests.engine.running_engine import COMMAND, running_engine, token
from tests.interop.official_client import official_client

ROWS_OF_ONE_BUCKET = 20_000
_SCHEMA = {
    "tables": [
        {
            "name": "items",
            "columns": [
                {"name": "name", "type": "text"},
                {"name": "amount", "type": "integer"},
                {"name": "body", "type": "text"},
            ],
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Run:
    """One first sync."""

    synced: float
    """Seconds until it was complete."""
    ended: float
    """Seconds until the process had ended."""
    processor: float
    """Seconds of processor time until it was complete; what else runs on the machine hardly changes them."""
    memory: int
    """Peak, in bytes."""


def compare(script: Path, *, runs: int, buckets: int, say: Callable[[str], None]) -> None:
    """Run both clients in turn, and say what each took and how they compare."""
    rows = buckets * ROWS_OF_ONE_BUCKET
    lines = first_checkpoint(buckets, ROWS_OF_ONE_BUCKET)
    say(f"First sync of {rows:_} operations with rows of 200 bytes in {buckets} buckets, {runs} runs of each client.")
    official, ours = [], []
    with prepared_stream(lines) as endpoint:
        for number in range(1, runs + 1):
            official.append(_official(script, endpoint, rows))
            say(_words(f"official {number}", official[-1]))
            ours.append(_ours(endpoint, rows))
            say(_words(f"engine   {number}", ours[-1]))
    theirs, mine = _median(official), _median(ours)
    say(_words("official, median", theirs))
    say(_words("engine, median  ", mine))
    say(
        f"engine / official: time {mine.ended / theirs.ended:.2f},"
        f" processor time {mine.processor / theirs.processor:.2f}, memory {mine.memory / theirs.memory:.2f}"
    )


def _official(script: Path, endpoint: str, rows: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with official_client(script, Path(folder) / "client.db", _SCHEMA, readers=None) as client:
            client.connect(endpoint, token())
            client.do("first_sync")
            synced = time.perf_counter() - start
            used = _used(client.process.pid)
            client.do("close")
        return Run(synced, time.perf_counter() - start, *used)


def _ours(endpoint: str, rows: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with running_engine(endpoint, Path(folder), command=COMMAND) as engine:
            engine.wait(lambda status: status.shown_checkpoint == rows)
            synced = time.perf_counter() - start
            used = _used(engine.process.pid)
        return Run(synced, time.perf_counter() - start, *used)


def _used(process: int) -> tuple[float, int]:
    """Processor time in seconds and peak memory in bytes of a running process; Linux only."""
    folder = Path(f"/proc/{process}")
    # After the program's name, which ends in a parenthesis, the 12th and 13th field are user's and system's ticks.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return ticks / os.sysconf("SC_CLK_TCK"), int(status["VmHWM"].split()[0]) * 1_024


def _median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(run.synced for run in runs),
        statistics.median(run.ended for run in runs),
        statistics.median(run.processor for run in runs),
        round(statistics.median(run.memory for run in runs)),
    )


def _words(name: str, run: Run) -> str:
    return (
        f"{name}: complete after {run.synced:.2f} s, ended after {run.ended:.2f} s,"
        f" processor time {run.processor:.2f} s, {run.memory / 2**20:.0f} MiB"
    )

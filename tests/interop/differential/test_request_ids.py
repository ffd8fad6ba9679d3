"""Checkpoint requests: both clients give them the same numbers, whatever the service answers."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interop.differential.instructions import Clock, compact
from tests.interop.differential.native_core import NativeCore
from tests.interop.differential.our_client import OurClient
from tests.interop.differential.schemas import EVERYTHING

_KEYS = "SELECT key, CAST(value AS TEXT) FROM ps_kv WHERE key != 'client_id' ORDER BY key"
_OPTIONS = compact(
    {
        "parameters": {},
        "app_metadata": {},
        "active_streams": [],
        "include_defaults": True,
        "checkpoint_mode": "requests",
        "schema": EVERYTHING,
    }
)
ANSWERS = st.sampled_from((1, 3, 9, 2**62)).map(lambda number: ("answer", number))
GATES = st.sampled_from((2, 7, 2**63 - 1)).map(lambda number: ("target_checkpoint_request_id", number))
REQUESTED = st.sampled_from((2, 8)).map(lambda number: ("last_requested_checkpoint_request_id", number))
ACTS = st.one_of(st.just(("start", 0)), st.just(("next", 0)), ANSWERS, GATES, REQUESTED)


class Numbers:
    """Both clients, as far as they number requests."""

    def __init__(self, library: Path) -> None:
        self.theirs = NativeCore(library, EVERYTHING, (), Clock())
        self.ours = OurClient(EVERYTHING, (), Clock())
        self.agreed = False

    def act(self, name: str, number: int) -> tuple[str, str]:
        """What both answer; `next` asks for nothing before client and service have agreed on a number."""
        queue = self.ours.database.queue
        match name:
            case "start":
                return self._seed(), str(queue.seed_request_id())
            case "next":
                return (
                    (self._ask("next_checkpoint_request_id"), str(queue.next_request_id())) if self.agreed else ("", "")
                )
            case "answer":
                if self.agreed:
                    self._ask("seed_checkpoint_request_id", str(number))
                    queue.adopt_request_id(number)
            case key:
                for connection in (self.theirs.connection, self.ours.connection):
                    connection.execute("INSERT OR REPLACE INTO ps_kv(key, value) VALUES (?, ?)", (key, number))
        return "", ""

    def close(self) -> None:
        self.theirs.connection.close()
        self.ours.connection.close()

    def _seed(self) -> str:
        """The number that goes along with a stream's request; the service answers with the same one."""
        self.theirs.control("stop")
        told = json.loads(self._ask("start", _OPTIONS))
        (seed,) = (each["EstablishSyncStream"]["checkpoint_request"] for each in told if "EstablishSyncStream" in each)
        number = str(seed["checkpoint_request_id"])
        self._ask("seed_checkpoint_request_id", number)
        self.ours.database.queue.adopt_request_id(self.ours.database.queue.seed_request_id())
        self.agreed = True
        return number

    def _ask(self, command: str, payload: str | None = None) -> str:
        with self.theirs.connection:
            ((answer,),) = self.theirs.connection.execute(
                "SELECT CAST(powersync_control(?, ?) AS TEXT)", (command, payload)
            ).fetchall()
        return str(answer)


@settings(max_examples=40)
@given(script=st.lists(ACTS, max_size=8))
def test_requests_get_the_same_numbers(native_library: Path, script: list[tuple[str, int]]) -> None:
    pair = Numbers(native_library)
    for name, number in script:
        theirs, ours = pair.act(name, number)
        assert theirs == ours
        assert pair.theirs.connection.execute(_KEYS).fetchall() == pair.ours.connection.execute(_KEYS).fetchall()
    pair.close()

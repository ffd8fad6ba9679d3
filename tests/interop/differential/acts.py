"""What happens to a client besides the rounds of its service: the app's acts, time, and single lines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st

from inspector.store.local_write import LocalWrite
from tests.interop.differential.pair import Pair
from tests.interop.differential.rounds import IDS, STREAMS, rounds
from tests.interop.differential.schemas import EVERYTHING, FEWER, VIEWS


class Act(Protocol):
    """One thing that happens to both clients."""

    def play(self, pair: Pair) -> None:
        """Do it."""


@dataclass(frozen=True)
class Named:
    """An act that needs no state; `name` is what a failing example shows."""

    name: str
    play: Callable[[Pair], None]


@dataclass(frozen=True)
class Write:
    """A local write of one row; one that the tables cannot take at present is left out."""

    op: str
    table: str
    row_id: str
    values: dict[str, Any]
    metadata: str | None
    """For tables that take some."""

    def play(self, pair: Pair) -> None:
        view, write = VIEWS[self.table], LocalWrite
        columns = {name for (name,) in pair.look("SELECT name FROM pragma_table_info(?)", (view,))}
        values = {name: value for name, value in self.values.items() if name in columns}
        exists = bool(columns) and bool(pair.look(f"SELECT 1 FROM {view} WHERE id = ?", (self.row_id,)))
        if not values or exists is (self.op == "PUT"):
            return
        metadata = self.metadata if "_metadata" in columns else None
        told = {} if metadata is None else {"_metadata": metadata}
        match self.op:
            case "PUT":
                sent = values | told
                names, marks = ", ".join(["id", *sent]), ", ".join("?" * (1 + len(sent)))
                pair.write(
                    f"INSERT INTO {view}({names}) VALUES ({marks})",
                    (self.row_id, *sent.values()),
                    write("PUT", self.table, self.row_id, values, metadata),
                )
            case "PATCH":
                sent = values | told
                changes = ", ".join(f"{name} = ?" for name in sent)
                pair.write(
                    f"UPDATE {view} SET {changes} WHERE id = ?",
                    (*sent.values(), self.row_id),
                    write("PATCH", self.table, self.row_id, values, metadata),
                )
            case _ if metadata is not None:
                pair.write(
                    f"UPDATE {view} SET _deleted = TRUE, _metadata = ? WHERE id = ?",
                    (metadata, self.row_id),
                    write("DELETE", self.table, self.row_id, None, metadata),
                )
            case _:
                pair.write(f"DELETE FROM {view} WHERE id = ?", (self.row_id,), write("DELETE", self.table, self.row_id))


def _pass(seconds: int) -> Named:
    def play(pair: Pair) -> None:
        pair.clock.now_us += seconds * 1_000_000

    return Named(f"{seconds} s pass", play)


_TEXTS_AND_INTEGERS = (None, "", "text", 'ünï\n"\\', 0, 1, -7, 2**53 + 1, 2**63 - 1, "1", "1.5", "abc", True)
_DOUBLES = (1.5, 0.1, 1e17, 1e16, 1e-7, -0.0, 1.2345678901234567, -3.3333333000000002e-9, 1e23, 5e-324, 1e300)
_WRITTEN = st.sampled_from((*_TEXTS_AND_INTEGERS, *_DOUBLES))
_WRITES = st.builds(
    Write,
    st.sampled_from(("PUT", "PATCH", "DELETE")),
    st.sampled_from(tuple(VIEWS)),
    st.sampled_from(IDS),
    st.dictionaries(st.sampled_from(("name", "n", "x")), _WRITTEN, min_size=1, max_size=3),
    st.sampled_from((None, None, "why", '{"a":"\u00fc\\n"}', "")),
)
_PARAMETERS = st.sampled_from((None, {"a": 1}, {"b": "ü", "a": [1, None, 1.5]}, {}))
_KEEPALIVES = st.sampled_from((0, 1, 29, 30, 31, 1000)).map(
    lambda seconds: Named(f"keepalive {seconds}", lambda pair: pair.line({"token_expires_in": seconds}))
)
_SUBSCRIPTIONS = st.tuples(
    st.sampled_from(STREAMS), _PARAMETERS, st.sampled_from((None, 0, 50, 1000)), st.sampled_from((None, 0, 1, 3))
).map(lambda asked: Named(f"subscribe {asked}", lambda pair: pair.subscribe(*asked)))
_ENDED_SUBSCRIPTIONS = st.tuples(st.sampled_from(STREAMS), _PARAMETERS).map(
    lambda asked: Named(f"unsubscribe {asked}", lambda pair: pair.unsubscribe(*asked))
)
_UPLOADS = st.sampled_from((1, 5, 9)).map(
    lambda request_id: Named(f"uploaded {request_id}", lambda pair: pair.uploaded(request_id))
)
_SCHEMAS = st.sampled_from((EVERYTHING, FEWER)).map(
    lambda schema: Named(f"schema {schema}", lambda pair: pair.use_schema(schema))
)
_OTHERS = st.sampled_from(
    (
        Named("stop", Pair.stop),
        Named("start", Pair.start),
        Named("a new token", Pair.refreshed),
        Named("the app starts anew", Pair.reopen),
        *map(_pass, (1, 100, 90_000)),
    )
)
acts: st.SearchStrategy[Act] = st.one_of(
    rounds,
    rounds,
    rounds,
    _WRITES,
    _WRITES,
    _KEEPALIVES,
    _SUBSCRIPTIONS,
    _ENDED_SUBSCRIPTIONS,
    _UPLOADS,
    _SCHEMAS,
    _OTHERS,
)

"""The gate's sentence, state by state."""

from inspector.analysis.gate import GateFacts, gate_sentence
from inspector.store.schema import GATE_CLOSED
from inspector.words import NS, clock

NOW = 1_700_000_000 * NS


def test_local_writes_close_the_gate() -> None:
    facts = GateFacts(2, GATE_CLOSED, 6, closed_at=NOW - 72 * NS, seen_at=NOW - 90 * NS)
    assert gate_sentence(facts, NOW) == (
        f"The gate is closed by 2 local writes since {clock(NOW - 72 * NS)}. It opens when the queue is empty "
        "and the service confirms a checkpoint request. Last confirmed: 6, 1 min ago."
    )


def test_held_uploads_are_named_as_the_reason() -> None:
    assert "Uploads are held by choice." in gate_sentence(GateFacts(1, GATE_CLOSED, None, held=True), NOW)
    nowhere = gate_sentence(GateFacts(1, GATE_CLOSED, None, held=True, nowhere=True), NOW)
    assert "nowhere to upload to" in nowhere
    assert "by choice" not in nowhere


def test_a_request_that_is_not_confirmed_is_waited_for() -> None:
    facts = GateFacts(0, 7, 6, asked_at=NOW - 3 * NS, seen_at=NOW - 12 * NS)
    assert gate_sentence(facts, NOW) == (
        "Waiting for the service to confirm checkpoint request 7, made 3 s ago; last seen 6, 12 s ago."
    )


def test_what_a_file_does_not_know_is_left_out() -> None:
    sentence = gate_sentence(GateFacts(0, 7, None), NOW)
    assert sentence == "Waiting for the service to confirm checkpoint request 7; none was seen yet."


def test_a_request_that_is_not_made_yet_is_no_wait_for_the_service() -> None:
    assert gate_sentence(GateFacts(0, GATE_CLOSED, None), NOW).startswith("Everything is uploaded; the checkpoint")


def test_an_open_gate_is_called_open() -> None:
    assert gate_sentence(GateFacts(0, 7, 7), NOW) == (
        "The gate is open: the service has confirmed checkpoint request 7."
    )
    assert gate_sentence(GateFacts(0, None, None), NOW) == "The gate is open: no local write has closed it."

"""What several devices did, from captures that were written as an engine writes them."""

from pathlib import Path
from typing import Any

from inspector.analysis.devices.history import DeviceHistory, joined, read_history, stopped
from inspector.analysis.devices.last_changes import LastChange, last_changes
from inspector.analysis.devices.local_writes import LocalTransaction, WrittenRow, row_words
from inspector.analysis.devices.sendings import sendings
from inspector.analysis.devices.words import device_words, lanes_sentences
from inspector.capture.outcome import UploadOutcome
from inspector.capture.reader import CaptureReader
from tests.capture.test_timeline import START, S, Scene

TICK = {"op": "PATCH", "type": "todos", "id": "t1", "data": {"completed": 1}, "old": {"description": "Milk"}}
ADD = {"op": "PUT", "type": "todos", "id": "t2", "data": {"description": "Basil", "completed": 0}}


def history(scene: Scene) -> DeviceHistory:
    scene.writer.flush()
    with CaptureReader(scene.path) as capture:
        return read_history(capture)


def write(scene: Scene, tx_id: int, *entries: dict[str, Any]) -> None:
    details = {"transaction": tx_id, "rows": len(entries), "entries": list(entries)}
    scene.writer.event("info", "store", f"Transaction {tx_id} changes some rows locally.", details)


def upload(scene: Scene, tx_id: int, outcome: UploadOutcome, status: int) -> None:
    scene.writer.upload_ended(scene.writer.upload_started(tx_id, tx_id, tx_id), outcome, status=status)


def at(second: float) -> int:
    return START + round(second * S)


def offline_and_back(path: Path) -> Scene:
    """Offline from 10 to 30, two writes meanwhile, uploaded at 31, confirmed at 32, seen at 34."""
    scene = Scene(path)
    scene.connect()
    scene.at(2).checkpoint(2)
    scene.writer.checkpoint_published(scene.connection, scene.at(3).complete())
    scene.at(10).disconnect()
    scene.writer.event("info", "control", "Going offline.")
    write(scene.at(12), 1, TICK)
    write(scene.at(14), 2, ADD)
    scene.at(30).writer.event("info", "control", "Coming back online.")
    scene.connect()
    upload(scene.at(31), 1, UploadOutcome.ACCEPTED, 200)
    upload(scene, 2, UploadOutcome.ACCEPTED, 200)
    scene.at(32).writer.event("info", "uploads", "Everything is uploaded.", {"gate": 7})
    scene.at(33).checkpoint(33, write_checkpoint=7)
    frame = scene.at(34).complete()
    scene.writer.checkpoint_validated(scene.connection)
    scene.writer.checkpoint_published(scene.connection, frame)
    return scene


def test_writes_made_offline_close_the_gate_until_a_checkpoint_carries_the_number_that_was_asked_for(
    tmp_path: Path,
) -> None:
    scene = offline_and_back(tmp_path / "bob.pscapture")
    device = history(scene)
    assert [(each.words, each.offline) for each in device.written] == [("tick Milk", True), ("add Basil", True)]
    assert not any(each.waits for each in device.written)
    (gate,) = device.gates
    assert (gate.closed_at, gate.opened_at) == (at(12), at(34))
    assert gate.words == "closed until both writes are confirmed"
    (offline,) = device.offline
    assert (offline.started_at, offline.ended_at) == (at(10), at(30))

    write(scene.at(40), 3, TICK)
    later = history(scene)
    assert [each.opened_at for each in later.gates] == [at(34), None]
    assert not later.written[-1].offline
    assert later.written[-1].waits


def test_a_write_that_comes_before_the_confirmation_keeps_the_gate_closed(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "bob.pscapture")
    scene.connect()
    write(scene.at(1), 1, TICK)
    upload(scene, 1, UploadOutcome.ACCEPTED, 200)
    scene.at(2).writer.event("info", "uploads", "Everything is uploaded.", {"gate": 4})
    write(scene.at(3), 2, ADD)
    scene.at(4).checkpoint(4, write_checkpoint=4)
    scene.at(5).complete()
    assert [(gate.closed_at, gate.opened_at, gate.writes) for gate in history(scene).gates] == [(at(1), None, 2)]


def test_a_refused_write_that_is_given_up_tells_so(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "bob.pscapture")
    scene.connect()
    write(scene.at(1), 1, ADD)
    upload(scene.at(2), 1, UploadOutcome.REFUSED, 409)
    upload(scene.at(8), 1, UploadOutcome.REFUSED, 409)
    upload(scene.at(9), 1, UploadOutcome.DISCARDED, 0)
    (written,) = history(scene).written
    assert len(written.failures) == 2
    assert written.given_up_at == at(9)
    assert not written.waits
    words = device_words("Bob", written, at(10))
    assert "refused with 409, 2 failed attempts" in words
    assert words.endswith("discarded: the service never had it")


def test_a_checkpoint_that_both_get_was_sent_once_and_again_to_one_that_comes_back(tmp_path: Path) -> None:
    alice, bob = Scene(tmp_path / "alice.pscapture"), Scene(tmp_path / "bob.pscapture")
    for scene, second in ((alice, 1.0), (bob, 1.2), (bob, 20)):
        scene.at(second).connect()
        scene.checkpoint(5)
        scene.complete()
    sent = sendings({"Alice": history(alice), "Bob": history(bob)})
    assert [(each.op_id, each.at, [name for name, _ in each.arrivals]) for each in sent] == [
        (5, at(1), ["Alice", "Bob"]),
        (5, at(20), ["Bob"]),
    ]
    first, again = (device_words("", each, at(30)).split("\n")[0] for each in sent)
    assert first.startswith("Checkpoint 5 reached Alice first, at ")
    assert again.startswith("Checkpoint 5 reached Bob, at ")
    assert again.endswith("When the service sent it is not recorded.")


def test_a_new_device_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    old = Scene(tmp_path / "bob.pscapture")
    old.connect()
    write(old.at(3), 1, TICK)
    new = Scene(tmp_path / "bob-2.pscapture")
    new.at(10).connect()
    both = joined(history(old), history(new))
    assert both.renewed_at == (at(10),)
    assert [span.ended_at for span in both.connections] == [at(10), None]
    assert [gate.opened_at for gate in both.gates] == [at(10)]


def test_the_last_change_of_an_item_is_that_of_the_device_whose_upload_was_under_way(tmp_path: Path) -> None:
    alice, bob = Scene(tmp_path / "alice.pscapture"), Scene(tmp_path / "bob.pscapture")
    for scene in (alice, bob):
        scene.connect()
        scene.checkpoint(2)
        list_operation(scene, 2)
        scene.writer.checkpoint_published(scene.connection, scene.at(1).complete())
    write(alice.at(5), 1, TICK)
    upload(alice.at(6), 1, UploadOutcome.ACCEPTED, 200)
    for scene, second in ((alice, 6.2), (bob, 6.3)):
        list_operation(scene.at(second), 10)
    list_operation(bob.at(60), 11)
    devices = {"Alice": history(alice), "Bob": history(bob)}
    assert last_changes({"t1": 10, "t9": 11, "t0": 2}, devices) == {
        "t1": LastChange("Alice", at(5)),
        "t9": LastChange("", at(60)),
    }
    assert last_changes({"t1": 11}, devices) == {"t1": LastChange("", at(60))}


def list_operation(scene: Scene, op_id: int) -> None:
    operation = f'{{"op_id":"{op_id}","op":"PUT","object_type":"todos","object_id":"t1","checksum":0,"data":"{{}}"}}'
    bucket = r"1#my_todos|0[\"groceries\"]"
    scene.receive(
        f'{{"data":{{"bucket":"{bucket}","after":"0","next_after":"{op_id}","has_more":false,"data":[{operation}]}}}}'.encode()
    )


def test_a_screen_reader_hears_who_is_offline_and_what_waits(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "bob.pscapture")
    scene.connect()
    scene.at(5).disconnect()
    scene.writer.event("info", "control", "Going offline.")
    write(scene.at(6), 1, TICK)
    assert lanes_sentences({"Bob": history(scene)}, at(15)) == (
        "Bob has been offline for 10 s. Bob's gate is closed until the write is confirmed. Not uploaded: tick Milk."
    )


def test_rows_are_told_as_people_say_it() -> None:
    milk = {"description": "Milk"}
    assert row_words(WrittenRow("PATCH", "todos", "t", {"completed": 0}, milk)) == "untick Milk"
    assert row_words(WrittenRow("PATCH", "todos", "t", {"description": "Oat milk"}, milk)) == "rename Milk to Oat milk"
    assert row_words(WrittenRow("DELETE", "todos", "t", {}, milk)) == "delete Milk"
    assert row_words(WrittenRow("PUT", "todos", "t", {"description": ""})) == "add an item without a name"
    assert row_words(WrittenRow("PATCH", "lists", "l", {"name": "x"})) == "PATCH lists: name"
    assert LocalTransaction(0, 3, 2, (WrittenRow("PUT", "todos", "t", milk),)).words == "add Milk and 1 more"
    assert LocalTransaction(0, 3, 2).words == "transaction 3"


def test_no_stream_is_open_after_an_engine_ended_without_a_word(tmp_path: Path) -> None:
    known = history(offline_and_back(tmp_path / "a.pscapture"))
    assert known.connections[-1].ended_at is None
    assert stopped(known, None) is known
    gone = stopped(known, at(40))
    assert gone.connections[-1].ended_at == at(40)
    assert gone.connections[:-1] == known.connections[:-1]
    assert gone.written == known.written

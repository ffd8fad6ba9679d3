"""The first half of the story: syncing, being offline, and coming back."""

from typing import Any

from inspector.analysis.story.client import Device
from inspector.analysis.story.scene import Scene
from inspector.engine import control
from inspector.service.groceries import GROCERIES, ITEMS, LIST_ID
from inspector.store.local_write import LocalWrite
from inspector.store.schema import GATE_CLOSED

MILK, BREAD, TOMATOES = (str(item["id"]) for item in ITEMS)
_SLOW_KBPS = 400
"""A network on which one can see what comes first."""
BASIL = f"{LIST_ID}-basil"


def changed(item: str, **data: Any) -> LocalWrite:
    """A change of an item."""
    return LocalWrite("PATCH", "todos", item, data)


def added(item: str, description: str, created_at: str) -> LocalWrite:
    """A new item, at the place in the list that `created_at` gives."""
    data = {"list_id": LIST_ID, "description": description, "completed": 0, "created_at": created_at}
    return LocalWrite("PUT", "todos", item, data)


def same_lists(scene: Scene) -> bool:
    """Whether both devices show the same list, with nothing under way."""
    return all(device.synced and device.gate_is_open for device in scene.devices) and (
        scene.alice.items() == scene.bob.items()
    )


def first_sync(scene: Scene) -> None:
    """Both start empty; the service has the list as it is at first."""
    scene.service.settle()
    known = {item.id for device in scene.devices for item in device.items()} | {MILK, BREAD, TOMATOES}
    scene.service.change(_as_at_first(known))
    scene.service.arm("bandwidth", times=None, kbps=_SLOW_KBPS)
    for device in scene.devices:
        device.client.start_afresh()
    for device in scene.devices:
        _expect_first_sync(scene, device)
    scene.service.lift("bandwidth")
    scene.expect("Both lists are the same: milk, bread and tomatoes.", lambda: same_lists(scene))
    scene.expect_now("Nothing is ticked.", lambda: not any(item.completed for item in scene.bob.items()))


def _as_at_first(known: set[str]) -> list[dict[str, Any]]:
    """Entries that leave the list and its first items, and nothing else of what is `known`."""
    first = [("lists", GROCERIES), *(("todos", item) for item in ITEMS)]
    kept = {row["id"] for _, row in first}
    return [
        *({"op": "DELETE", "type": "todos", "id": item} for item in sorted(known - kept)),
        *(
            {"op": "PUT", "type": table, "id": row["id"], "data": {k: v for k, v in row.items() if k != "id"}}
            for table, row in first
        ),
    ]


def _expect_first_sync(scene: Scene, device: Device) -> None:
    scene.expect(f"{device.name} is up to date.", lambda: device.synced and len(device.items()) == len(ITEMS))
    scene.expect_now(
        f"{device.name} was shown priority 1 first, then 2, before the checkpoint was complete.",
        lambda: device.partial_priorities()[:2] == [1, 2],
    )


def live_change(scene: Scene) -> None:
    """Alice changes a row, and everybody has it."""
    mark, bob_mark = scene.alice.mark(), scene.bob.mark()
    scene.alice.write(changed(BREAD, completed=1))
    scene.expect("Alice's list shows it at once.", lambda: _ticked(scene.alice, BREAD))
    scene.expect("The backend has taken the write.", lambda: scene.alice.accepted_uploads(mark) == 1)
    scene.expect("Bob's list shows it too.", lambda: _ticked(scene.bob, BREAD))
    scene.expect("It came with a new checkpoint.", lambda: scene.bob.checkpoints(bob_mark))
    scene.expect("Both lists are the same.", lambda: same_lists(scene))


def _ticked(device: Device, item_id: str) -> bool:
    item = device.item(item_id)
    return item is not None and item.completed


def go_offline(scene: Scene) -> None:
    """Bob loses the network."""
    before = scene.bob.items()
    scene.bob.send(control.SetOffline(offline=True))
    scene.expect("Bob is offline.", lambda: scene.bob.status.phase == "offline")
    scene.expect_now("His list is still there.", lambda: bool(before) and scene.bob.items() == before)
    scene.expect_now("Alice is still connected.", lambda: scene.alice.status.phase == "connected")


def edit_while_offline(scene: Scene) -> None:
    """Bob writes, and the writes wait."""
    scene.bob.write(changed(MILK, description="Oat milk"))
    scene.bob.write(added(BASIL, "Basil", "2026-01-04T09:00:00.000000Z"))
    scene.expect(
        "Bob's list shows both changes.",
        lambda: scene.bob.reads(MILK, "Oat milk") and scene.bob.reads(BASIL, "Basil"),
    )
    scene.expect("Two writes wait for the connection.", lambda: scene.bob.status.pending_writes == 2)
    scene.expect("The gate is closed.", lambda: scene.bob.status.target_request == GATE_CLOSED)
    scene.expect_now(
        "Alice sees nothing of it.",
        lambda: scene.alice.reads(MILK, "Milk") and scene.alice.item(BASIL) is None,
    )


def edit_the_same_row(scene: Scene) -> None:
    """Alice changes the column that Bob has changed."""
    mark = scene.alice.mark()
    scene.alice.write(changed(MILK, description="Whole milk"))
    scene.expect("Alice's write is uploaded.", lambda: scene.alice.accepted_uploads(mark) == 1)
    scene.expect("It is confirmed by a write checkpoint.", lambda: scene.alice.confirmed(mark))
    scene.expect("Alice reads “Whole milk”.", lambda: scene.alice.synced and scene.alice.reads(MILK, "Whole milk"))
    scene.expect_now("Bob still reads “Oat milk”.", lambda: scene.bob.reads(MILK, "Oat milk"))
    scene.expect_now("Bob's writes still wait.", lambda: scene.bob.status.pending_writes == 2)


def both_meet_again(scene: Scene) -> None:
    """Bob comes back, uploads, and both see the same."""
    mark = scene.bob.mark()
    scene.bob.send(control.SetOffline(offline=False))
    scene.expect("Bob's two writes are uploaded.", lambda: scene.bob.accepted_uploads(mark) == 2)
    scene.expect("A checkpoint with his write checkpoint is shown.", lambda: scene.bob.confirmed(mark))
    scene.expect("The gate is open.", lambda: scene.bob.status.pending_writes == 0 and scene.bob.gate_is_open)
    scene.expect("Both lists are the same.", lambda: same_lists(scene))
    scene.expect_now(
        "Both read “Oat milk”, for the last write wins, and both have “Basil”.",
        lambda: all(device.reads(MILK, "Oat milk") and device.reads(BASIL, "Basil") for device in scene.devices),
    )

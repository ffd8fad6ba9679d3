"""The second half of the story: what goes wrong between a client and its service, and how it heals."""

from inspector.analysis.story.offline_steps import BASIL, BREAD, MILK, TOMATOES, added, changed, same_lists
from inspector.analysis.story.scene import Scene
from inspector.engine import control
from inspector.service.groceries import BUCKET, LIST_ID

_TICKS = 40
_NAMELESS = f"{LIST_ID}-nameless"


def heal_a_bucket(scene: Scene) -> None:
    """An operation arrives with a wrong checksum."""
    mark, alice_mark = scene.bob.mark(), scene.alice.mark()
    scene.service.arm("altered-checksum", user=scene.bob.user, table="todos", row=TOMATOES)
    scene.alice.write(changed(TOMATOES, completed=1))
    scene.expect(
        "Bob's bucket did not match its checksum.",
        lambda: any(bucket.endswith(BUCKET) for bucket in scene.bob.mismatches(mark)),
    )
    scene.expect("It was downloaded again, and matches.", lambda: scene.bob.synced and not scene.bob.status.mismatch)
    scene.expect("Both lists are the same.", lambda: same_lists(scene))
    scene.expect_now("“Tomatoes” is ticked.", lambda: (item := scene.bob.item(TOMATOES)) and item.completed)
    scene.expect_now("Alice had no mismatch.", lambda: not scene.alice.mismatches(alice_mark))


def renew_a_token(scene: Scene) -> None:
    """The service ends Bob's token before its time."""
    mark, before = scene.bob.mark(), scene.bob.status.token_expires_at or 0
    downloaded = scene.bob.status.operations_received
    scene.service.arm("token-expiry", user=scene.bob.user)
    # The service looks at its tokens when it has something to say.
    scene.alice.write(changed(BREAD, completed=0))
    scene.expect("Bob opened another stream.", lambda: scene.bob.connections(mark) >= 1)
    scene.expect("He has a newer token.", lambda: (scene.bob.status.token_expires_at or 0) > before)
    scene.expect("Both lists are the same.", lambda: same_lists(scene))
    scene.expect_now("Only the change was downloaded.", lambda: scene.bob.status.operations_received <= downloaded + 1)


def refuse_a_write(scene: Scene) -> None:
    """The backend does not take a row; what follows waits."""
    scene.bob.write(added(_NAMELESS, "", "2026-01-04T09:30:00.000000Z"))
    scene.expect("The item without a name is on Bob's list.", lambda: scene.bob.item(_NAMELESS) is not None)
    scene.expect(
        "The backend refuses it: a to-do needs a description.",
        lambda: (problem := scene.bob.status.upload_problem) and "needs a description" in str(problem),
    )
    scene.bob.write(changed(BASIL, completed=1))
    scene.expect("Both writes wait.", lambda: scene.bob.status.pending_writes == 2)
    scene.expect("Alice sees neither of them.", lambda: _alice_sees_nothing(scene))


def _alice_sees_nothing(scene: Scene) -> bool:
    basil = scene.alice.item(BASIL)
    return scene.alice.item(_NAMELESS) is None and basil is not None and not basil.completed


def discard_the_write(scene: Scene) -> None:
    """Bob gives up what is refused."""
    mark = scene.bob.mark()
    scene.bob.send(control.Discard())
    scene.expect("The write behind it is uploaded.", lambda: scene.bob.accepted_uploads(mark) == 1)
    scene.expect("The upload queue is empty.", lambda: scene.bob.status.pending_writes == 0)
    scene.expect("The item without a name is off Bob's list.", lambda: scene.bob.item(_NAMELESS) is None)
    scene.expect("Both lists are the same, with “Basil” ticked.", lambda: same_lists(scene) and _basil_is_ticked(scene))


def _basil_is_ticked(scene: Scene) -> bool:
    basil = scene.alice.item(BASIL)
    return basil is not None and basil.completed


def compact_and_start_afresh(scene: Scene) -> None:
    """Much history, compacted, and a client that starts without it."""
    items = (MILK, BREAD, TOMATOES, BASIL)
    scene.service.change(
        [
            {
                "op": "PATCH",
                "type": "todos",
                "id": items[turn % len(items)],
                "data": {"completed": turn // len(items) % 2},
            }
            for turn in range(_TICKS)
        ]
    )
    scene.expect("Both have followed all forty changes.", lambda: same_lists(scene) and _has_history(scene))
    before = scene.bob.list_operations()
    scene.service.compact()
    mark = scene.alice.mark()
    scene.bob.client.start_afresh()
    scene.expect("Bob's new device is up to date.", lambda: scene.bob.synced and same_lists(scene))
    after = scene.bob.list_operations()
    scene.expect_now(
        f"It downloaded {after} operations of the list instead of {before}.", lambda: 0 < after < before / 2
    )
    scene.alice.write(changed(MILK, completed=0))
    scene.expect("Alice, who has the old operations, goes on.", lambda: scene.alice.confirmed(mark))
    scene.expect("Both lists are the same.", lambda: same_lists(scene))
    scene.expect_now("Nobody had a mismatch.", lambda: not scene.alice.mismatches(mark))


def _has_history(scene: Scene) -> bool:
    return all(device.list_operations() > _TICKS for device in scene.devices)

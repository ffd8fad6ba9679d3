"""The story from beginning to end."""

from inspector.analysis.story.offline_steps import (
    both_meet_again,
    edit_the_same_row,
    edit_while_offline,
    first_sync,
    go_offline,
    live_change,
)
from inspector.analysis.story.step import Step
from inspector.analysis.story.trouble_steps import (
    compact_and_start_afresh,
    discard_the_write,
    heal_a_bucket,
    refuse_a_write,
    renew_a_token,
)
from inspector.service.groceries import BUCKET

STEPS: tuple[Step, ...] = (
    Step(
        "first-sync",
        "First sync, by priority",
        "Both devices start empty, on a slow network. The service sends what matters most first: the lists have"
        " priority 1, the notes 2, the to-dos 3. What is complete is shown at once, before the rest has arrived.",
        "Frames: two partial checkpoints before the complete one. Buckets: each with its priority and its checksum.",
        "Alice",
        ("buckets", "frames"),
        first_sync,
        "first sync",
    ),
    Step(
        "live-change",
        "A live change",
        "Alice ticks “Bread”. Her list changes at once; the app's backend gets the write, the service sends it to"
        " everybody who may see the list, and Bob's list changes too.",
        "Bob's list, and his Frames: a checkpoint diff, one data line, complete.",
        "Bob",
        ("clients", "frames"),
        live_change,
        "a live change",
    ),
    Step(
        "go-offline",
        "Bob goes offline",
        "Bob's device loses its network. His list stays: the app reads the database on his device, not the service.",
        "Bob's state sentence. Alice's does not change.",
        "Bob",
        ("clients",),
        go_offline,
        "Bob goes offline",
    ),
    Step(
        "edit-offline",
        "Bob edits while offline",
        "Bob renames “Milk” to “Oat milk” and adds “Basil”. His list changes at once. Both writes wait in Uploads, and"
        " close the gate: downloads will not be shown before they are confirmed. Alice sees nothing yet.",
        "Bob's Uploads: two transactions. Both clients: two hollow marks, and his gate, now closed.",
        "Bob",
        ("both", "uploads"),
        edit_while_offline,
        "Bob edits offline",
        offline=("Bob",),
    ),
    Step(
        "conflict",
        "Alice edits the same row",
        "Alice renames “Milk” too, to “Whole milk”. She is online: her write is uploaded and confirmed at once. Bob"
        " does not know of it, and still reads “Oat milk”.",
        "Both lists: the same row with two names.",
        "Alice",
        ("clients",),
        edit_the_same_row,
        "Alice edits it too",
        offline=("Bob",),
    ),
    Step(
        "back-online",
        "Bob comes back: upload and gate",
        "Bob is online again. His two writes are uploaded in order, then he asks for a write checkpoint. The first"
        " checkpoint that carries it opens the gate, and what was downloaded is shown. Both renamed “Milk”; the"
        " backend lets the last write win, so both read “Oat milk”.",
        "Both clients: Bob's two marks reach the service, then his gate opens. Both lists are the same again.",
        "Bob",
        ("both", "uploads"),
        both_meet_again,
        "Bob comes back",
        offline=("Bob",),
    ),
    Step(
        "corruption",
        "A corrupted bucket heals",
        "Alice ticks “Tomatoes”. The operation reaches Bob with a wrong checksum, so the sum of his bucket is not what"
        " the checkpoint says. His client does not show it: it deletes the bucket and downloads it again.",
        "Bob's Checksums: the mismatch, and that the bucket is valid again. Alice's list was never wrong.",
        "Bob",
        ("checksums",),
        heal_a_bucket,
        "a corrupted bucket",
        bucket=BUCKET,
    ),
    Step(
        "token",
        "A token runs out",
        "The service says that Bob's token has ended, and closes his stream. His client fetches new credentials and"
        " opens the next stream where the last one ended. Nothing is downloaded twice.",
        "Bob's Events, and Connection: a new token, a new stream.",
        "Bob",
        ("connection", "events"),
        renew_a_token,
        "a token runs out",
    ),
    Step(
        "refused",
        "The backend refuses a write",
        "Bob's app adds an item without a name, and the backend does not take it. The write stays in the queue and is"
        " tried again; the one after it, a tick on “Basil”, waits behind it. Nothing is lost, and nothing goes on.",
        "Bob's Uploads: what the backend said, and how often it was tried.",
        "Bob",
        ("uploads",),
        refuse_a_write,
        "a refused write",
    ),
    Step(
        "discard",
        "Bob gives the write up",
        "Bob discards the transaction that the backend refuses. The one behind it is uploaded at once. The next"
        " checkpoint takes the item without a name off his list, for the service never had it.",
        "Bob's Uploads are empty. Both lists are the same.",
        "Bob",
        ("uploads",),
        discard_the_write,
        "Bob gives it up",
    ),
    Step(
        "compacting",
        "Compacting, and a fresh client",
        "The items are ticked and unticked forty times. Each time is an operation, and a new client would have to"
        " download them all. The service compacts the bucket: what was overwritten is dropped, the checksum stays"
        " the same. Bob's new device downloads far less, and Alice's old one goes on without noticing.",
        "Bob's Buckets: the operations of the list, before and after.",
        "Bob",
        ("buckets",),
        compact_and_start_afresh,
        "compacting",
        bucket=BUCKET,
    ),
)

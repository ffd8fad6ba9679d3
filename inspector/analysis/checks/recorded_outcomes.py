"""Checks of what became of the checkpoints of a capture: held in the end, shown late, or with nothing in them."""

from collections.abc import Iterator

from inspector.analysis.checks.recent import checkpoints
from inspector.analysis.checks.recorded_evidence import checkpoint_evidence
from inspector.analysis.finding_types import (
    CAPTURE,
    RECORDED,
    Certainty,
    Check,
    Finding,
    Material,
    Needs,
    capture_of,
)
from inspector.analysis.situations import CaptureFile, Role
from inspector.capture.outcome import Outcome
from inspector.words import NS, duration, plural

_SLOW_NS, _SLOW_RATE = 5 * NS, 1_000
"""Clients show some thousand operations a second and more."""


def ends_held(material: Material) -> Iterator[Finding]:
    """The last checkpoint was not shown because of local writes."""
    file = material.situation
    assert isinstance(file, CaptureFile)
    if file.last_outcome != "held":
        return
    last = capture_of(material).checkpoints.with_op_id(file.last_checkpoint or 0)
    yield Finding(
        "capture/ends-held",
        "The recording ends with downloads held back",
        f"Checkpoint {file.last_checkpoint} was not shown.",
        Role.HELD,
        Certainty.CERTAIN,
        "The checkpoint was complete and valid; local writes kept it from being shown. For some seconds after a write"
        " that is how it is meant.",
        "Look at what became of the uploads before it.",
        () if last is None else (checkpoint_evidence(last, "held"),),
    )


def slow_to_show(material: Material) -> Iterator[Finding]:
    """Checkpoints that were complete and took long to be shown, though nothing held them."""
    slow = [
        (each, shown - done)
        for each in checkpoints(material)
        if (shown := each.published_at) is not None
        and (done := each.data_done_at) is not None
        and not each.reason
        and shown - done >= _SLOW_NS
        and each.operations * NS < (shown - done) * _SLOW_RATE
    ]
    if not slow:
        return
    worst, took = max(slow, key=lambda it: it[1])
    yield Finding(
        "checkpoints/slow-to-show",
        f"Showing checkpoint {worst.op_id} took {duration(took / NS)}",
        f"It brought {plural(worst.operations, 'operation')}.",
        Role.HELD,
        Certainty.LIKELY,
        "All its data were there, and the client needed that long to put them into its tables: it is the device, not"
        " the network. Triggers on synced tables, a full-text index, or an app that reacts to each row cost this; so"
        " does a busy disk.",
        "Look for triggers in the schema, and measure without them.",
        tuple(checkpoint_evidence(each, f"{duration(wait / NS)} from complete to shown") for each, wait in slow[-5:]),
    )


def no_bucket(material: Material) -> Iterator[Finding]:
    """The newest checkpoint was shown, and there is no bucket in it."""
    reader = capture_of(material)
    newest = reader.checkpoints.newest()
    if newest is None or newest.outcome != Outcome.APPLIED or reader.expected_buckets():
        return
    yield Finding(
        "checkpoints/no-bucket",
        "The newest checkpoint has no bucket",
        "No stream gives this user anything.",
        Role.IDLE,
        Certainty.HINT,
        "The service completed a checkpoint without a bucket: nothing is subscribed to, no stream is a default, or the"
        " user's parameters select nothing. An empty account looks the same.",
        "Compare the user id in the token with the one that the rows belong to, and the streams that the client"
        " subscribes to with those of the sync config.",
        (checkpoint_evidence(newest, "no bucket"),),
    )


CHECKS = (
    Check(
        "capture/ends-held",
        "Downloads that are held back in the end",
        "the last checkpoint",
        CAPTURE,
        ends_held,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/slow-to-show",
        "Checkpoints that take long to be shown",
        "checkpoints' times",
        RECORDED,
        slow_to_show,
        Needs.CAPTURE,
    ),
    Check(
        "checkpoints/no-bucket",
        "A checkpoint without a bucket",
        "the newest checkpoint",
        RECORDED,
        no_bucket,
        Needs.CAPTURE,
    ),
)

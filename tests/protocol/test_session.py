"""What a session decides; each test is a sentence of protocol §4."""

import pytest

from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.errors import ProtocolError
from inspector.protocol.events import (
    Begin,
    BrokenFrame,
    BucketMismatch,
    CheckSubscriptions,
    CloseReason,
    CloseStream,
    CredentialsReplaced,
    DeleteBuckets,
    Effect,
    FetchCredentials,
    HeldBack,
    LineReceived,
    Mismatched,
    OpenStream,
    Publish,
    Published,
    Remark,
    RenewSubscriptions,
    SaveOperations,
    Stop,
    StreamEnded,
    StreamFailed,
    StreamOpened,
    SubscriptionsChecked,
    TrackCheckpoint,
    UploadsCompleted,
)
from inspector.protocol.lines import (
    BucketChecksum,
    Checkpoint,
    CheckpointComplete,
    CheckpointDiff,
    DataLine,
    Keepalive,
    Line,
    PartialCheckpointComplete,
    UnknownLine,
)
from inspector.protocol.request import BucketPosition, StreamRequest
from inspector.protocol.session import Session, State

A1 = BucketChecksum("a", 1, count=1, priority=1)
B3 = BucketChecksum("b", 2, count=2)
ERROR = ProtocolError("Something happened.")


def begun(*local_buckets: str) -> Session:
    session = Session()
    request = StreamRequest(tuple(BucketPosition(name, "0") for name in local_buckets), "client")
    assert session.receive(Begin(request)) == [OpenStream(request)]
    assert session.receive(StreamOpened()) == []
    assert session.state is State.AWAITING_CHECKPOINT
    return session


def line(session: Session, received: Line) -> list[Effect]:
    return session.receive(LineReceived(received, 100))


def receiving(*local_buckets: str, write_checkpoint: int | None = None) -> Session:
    session = begun(*local_buckets)
    line(session, Checkpoint(10, (A1, B3), write_checkpoint))
    return session


def completed(outcome: Published | HeldBack, *, write_checkpoint: int | None = None) -> Session:
    session = receiving(write_checkpoint=write_checkpoint)
    line(session, CheckpointComplete(10))
    assert session.receive(outcome) == []
    return session


def closing(effects: list[Effect]) -> CloseStream:
    close = effects[-1]
    assert isinstance(close, CloseStream)
    return close


def target_of(effects: list[Effect]) -> TargetCheckpoint:
    track = effects[-1]
    assert isinstance(track, TrackCheckpoint)
    return track.target


def test_nothing_happens_before_a_session_begins() -> None:
    session = Session()
    assert line(session, Checkpoint(1, ())) == []
    assert session.state is State.IDLE


def test_the_first_checkpoint_deletes_local_buckets_that_it_does_not_name() -> None:
    effects = line(begun("a", "old", "older"), Checkpoint(10, (A1, B3)))
    assert effects[0] == DeleteBuckets(("old", "older"))
    assert target_of(effects).buckets == {"a": A1, "b": B3}


def test_a_later_checkpoint_deletes_what_the_target_had_and_replaces_it() -> None:
    session = receiving()
    effects = line(session, Checkpoint(11, (A1,)))
    assert effects[0] == DeleteBuckets(("b",))
    target = target_of(effects)
    assert (target.last_op_id, target.buckets) == (11, {"a": A1})


def test_a_diff_patches_buckets_and_replaces_op_id_and_write_checkpoint() -> None:
    session = receiving(write_checkpoint=4)
    effects = line(session, CheckpointDiff(12, (BucketChecksum("a", 7, priority=1),), ("b", "never-had")))
    assert effects[0] == DeleteBuckets(("b", "never-had"))
    target = target_of(effects)
    assert (target.last_op_id, target.write_checkpoint) == (12, None)
    assert target.buckets == {"a": BucketChecksum("a", 7, priority=1)}


@pytest.mark.parametrize("early", [CheckpointDiff(1, (), ()), CheckpointComplete(1), PartialCheckpointComplete(1, 1)])
def test_lines_that_need_a_checkpoint_break_the_protocol_without_one(early: Line) -> None:
    session = begun()
    close = closing(line(session, early))
    assert close.reason is CloseReason.PROTOCOL_ERROR
    assert not close.at_once
    assert "before any checkpoint" in str(close.error)
    assert session.state is State.CLOSED


def test_data_is_saved_at_any_time_even_before_a_checkpoint() -> None:
    data = DataLine("a", [])
    assert line(begun(), data) == [SaveOperations(data, 100)]
    assert line(completed(Published()), data) == [SaveOperations(data, 100)]


def test_a_partial_completion_publishes_up_to_its_priority_and_receiving_goes_on() -> None:
    session = receiving()
    (publish,) = line(session, PartialCheckpointComplete(1, 10))
    assert isinstance(publish, Publish)
    assert [bucket.bucket for bucket in publish.target.up_to(publish.priority)] == ["a"]
    assert session.receive(Published()) == []
    assert session.state is State.RECEIVING


def test_a_blocked_partial_completion_is_skipped() -> None:
    session = receiving()
    line(session, PartialCheckpointComplete(1, 10))
    assert session.receive(HeldBack()) == []
    assert session.receive(UploadsCompleted(gate=None)) == []
    assert session.state is State.RECEIVING


def test_a_full_completion_publishes_everything() -> None:
    session = receiving()
    (publish,) = line(session, CheckpointComplete(10))
    assert isinstance(publish, Publish)
    assert publish.priority is None
    session.receive(Published())
    assert session.state is State.UP_TO_DATE


def test_a_blocked_checkpoint_is_published_once_uploads_complete() -> None:
    session = completed(HeldBack(), write_checkpoint=7)
    assert session.state is State.HELD
    (publish,) = session.receive(UploadsCompleted(gate=7))
    assert isinstance(publish, Publish)
    assert publish.retry
    session.receive(Published())
    assert session.state is State.UP_TO_DATE


@pytest.mark.parametrize("write_checkpoint", [None, 6])
def test_a_blocked_checkpoint_older_than_the_gate_is_dropped(write_checkpoint: int | None) -> None:
    session = completed(HeldBack(), write_checkpoint=write_checkpoint)
    assert session.receive(UploadsCompleted(gate=7)) == []
    assert session.receive(UploadsCompleted(gate=None)) == []


def test_a_blocked_checkpoint_that_stays_blocked_is_remarked_and_not_kept() -> None:
    session = completed(HeldBack(), write_checkpoint=7)
    session.receive(UploadsCompleted(gate=None))
    (remark,) = session.receive(HeldBack())
    assert isinstance(remark, Remark)
    assert session.receive(UploadsCompleted(gate=None)) == []


def test_a_new_checkpoint_drops_the_blocked_one() -> None:
    session = completed(HeldBack(), write_checkpoint=7)
    line(session, CheckpointDiff(11, (), ()))
    assert session.receive(UploadsCompleted(gate=None)) == []


def test_a_mismatch_closes_the_stream_and_names_both_sums() -> None:
    session = receiving()
    line(session, CheckpointComplete(10))
    close = closing(session.receive(Mismatched((BucketMismatch("a", 0x10, 0x4, 0x8),))))
    assert close.reason is CloseReason.CHECKSUM_MISMATCH
    assert close.at_once
    assert "a (expected 0x00000010, got 0x0000000c = 0x00000008 (op) + 0x00000004 (add))" in str(close.error)


def test_an_expired_token_is_fetched_anew_and_the_stream_closed() -> None:
    effects = line(receiving(), Keepalive(0))
    assert effects[:2] == [RenewSubscriptions(), FetchCredentials(expired=True)]
    assert closing(effects).reason is CloseReason.TOKEN_EXPIRED


def test_a_token_is_prefetched_in_its_last_thirty_seconds_and_the_stream_replaced_when_it_comes() -> None:
    session = receiving()
    assert line(session, Keepalive(30)) == [RenewSubscriptions(), FetchCredentials(expired=False)]
    close = closing(session.receive(CredentialsReplaced()))
    assert close.reason is CloseReason.TOKEN_REPLACED
    assert close.at_once


def test_other_keepalives_check_the_subscriptions() -> None:
    session = receiving()
    assert line(session, Keepalive(31)) == [CheckSubscriptions()]
    assert session.receive(SubscriptionsChecked(changed=False)) == []
    assert closing(session.receive(SubscriptionsChecked(changed=True))).reason is CloseReason.SUBSCRIPTIONS_CHANGED


def test_an_unknown_line_is_remarked_and_ignored() -> None:
    (remark,) = line(receiving(), UnknownLine("new_thing"))
    assert isinstance(remark, Remark)
    assert "new_thing" in remark.message


def test_an_orderly_end_reconnects_at_once() -> None:
    close = closing(receiving().receive(StreamEnded()))
    assert (close.reason, close.at_once, close.error) == (CloseReason.STREAM_ENDED, True, None)


def test_an_end_in_the_middle_of_a_line_is_a_failure() -> None:
    close = closing(receiving().receive(StreamEnded(b'{"data":')))
    assert (close.reason, close.at_once) == (CloseReason.STREAM_FAILED, False)
    assert "8 bytes" in str(close.error)


@pytest.mark.parametrize(
    ("event", "reason", "at_once"),
    [
        (StreamFailed(ERROR), CloseReason.STREAM_FAILED, False),
        (BrokenFrame(ERROR), CloseReason.PROTOCOL_ERROR, False),
        (Stop(), CloseReason.STOPPED, True),
    ],
)
def test_failures_and_stops_close_the_stream(
    event: StreamFailed | BrokenFrame | Stop, reason: CloseReason, at_once: bool
) -> None:
    session = receiving()
    close = closing(session.receive(event))
    assert (close.reason, close.at_once) == (reason, at_once)
    assert session.receive(event) == [], "what comes after the end belongs to no stream"


def test_an_outcome_without_a_publish_is_a_fault_of_the_program() -> None:
    with pytest.raises(RuntimeError, match="without a Publish"):
        receiving().receive(Published())


def test_a_session_begins_anew_after_its_end() -> None:
    session = completed(HeldBack(), write_checkpoint=7)
    session.receive(Stop())
    session.receive(Begin(StreamRequest((), "client")))
    assert session.target is None
    assert session.receive(UploadsCompleted(gate=None)) == []


def test_a_partial_checkpoint_covers_its_priority_and_all_higher_ones() -> None:
    target = TargetCheckpoint.of(Checkpoint(1, (A1, B3)))
    assert target.up_to(None) == [A1, B3]
    assert target.up_to(3) == [A1, B3]
    assert target.up_to(2) == [A1]
    assert target.up_to(0) == []

"""The expected buckets of a capture are those of the lines, applied one after the other."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.capture.reader import CaptureReader
from inspector.capture.rows import ExpectedBucket
from inspector.capture.writer import CaptureWriter
from inspector.protocol.checkpoints import TargetCheckpoint
from inspector.protocol.checksums import unsigned
from inspector.protocol.lines import BucketChecksum, BucketSubscription, Checkpoint, CheckpointDiff
from tests.capture.recording import record, recording

_NAMES = st.sampled_from(["a[]", "b[]", 'c["1"]', "d"])
_BUCKETS = st.lists(
    st.builds(
        BucketChecksum,
        bucket=_NAMES,
        checksum=st.integers(-(2**31), 2**32 - 1),
        count=st.none() | st.integers(0, 9),
        priority=st.none() | st.integers(0, 4),
        subscriptions=st.just(()) | st.tuples(st.builds(BucketSubscription, default=st.integers(0, 3))),
    ),
    max_size=4,
).map(tuple)
_FULL = st.builds(Checkpoint, last_op_id=st.integers(1, 2**63 - 1), buckets=_BUCKETS)
_DIFF = st.builds(
    CheckpointDiff,
    last_op_id=st.integers(1, 2**63 - 1),
    updated_buckets=_BUCKETS,
    removed_buckets=st.lists(_NAMES, max_size=2).map(tuple),
)
_STREAMS = st.lists(st.tuples(_FULL, st.lists(_DIFF, max_size=5)), min_size=1, max_size=4)


def comparable(expected: Mapping[str, ExpectedBucket]) -> dict[str, BucketChecksum]:
    return {
        name: BucketChecksum(
            bucket.bucket,
            bucket.checksum,
            bucket.count,
            bucket.priority,
            bucket.subscriptions,
        )
        for name, bucket in expected.items()
    }


def described(target: TargetCheckpoint) -> dict[str, BucketChecksum]:
    return {
        name: BucketChecksum(name, unsigned(bucket.checksum), bucket.count, bucket.priority, bucket.subscriptions)
        for name, bucket in target.buckets.items()
    }


@settings(max_examples=60, deadline=None)
@given(streams=_STREAMS)
def test_expected_buckets_are_the_checkpoint_and_its_diffs(
    streams: list[tuple[Checkpoint, list[CheckpointDiff]]],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.capture"
        with CaptureWriter(path) as writer, CaptureReader(path) as follower:
            for full, diffs in streams:
                connection = writer.open_connection("http://localhost", b"{}")
                target = TargetCheckpoint.of(full)
                lines: list[Checkpoint | CheckpointDiff] = [full, *diffs]
                for number, line in enumerate(lines):
                    if isinstance(line, CheckpointDiff):
                        target = target.patched(line)
                    writer.checkpoint_started(connection, writer.frame(connection, b"{}", line), line)
                    if number % 2 == 0:
                        writer.flush()
                        assert comparable(follower.expected_buckets()) == described(target)
                writer.close_connection(connection, "The service ended the stream.")
        with CaptureReader(path) as reader:
            assert comparable(reader.expected_buckets()) == described(target)


def test_a_bucket_names_the_checkpoint_that_stated_it_last(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "a.capture") as writer:
        record(writer, recording("incremental"))
    with CaptureReader(tmp_path / "a.capture") as reader:
        expected = reader.expected_buckets()
        op_ids = {row.op_id for row in reader.checkpoints.rows()}
        assert {bucket.checkpoint for bucket in expected.values()} <= op_ids
        assert len({bucket.checkpoint for bucket in expected.values()}) > 1


def test_a_mapping_that_was_handed_out_does_not_change(tmp_path: Path) -> None:
    path = tmp_path / "a.capture"
    with CaptureWriter(path) as writer, CaptureReader(path) as reader:
        connection = writer.open_connection("http://localhost", b"{}")
        full = Checkpoint(1, (BucketChecksum("a[]", 1),))
        writer.checkpoint_started(connection, writer.frame(connection, b"{}", full), full)
        writer.flush()
        first = reader.expected_buckets()
        assert reader.expected_buckets() is first
        diff = CheckpointDiff(2, (BucketChecksum("b[]", 2),), ("a[]",))
        writer.checkpoint_started(connection, writer.frame(connection, b"{}", diff), diff)
        writer.flush()
        assert set(reader.expected_buckets()) == {"b[]"}
        assert set(first) == {"a[]"}

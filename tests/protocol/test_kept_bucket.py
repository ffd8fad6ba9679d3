"""How much of a bucket was kept is told by itself."""

from inspector.protocol.kept_bucket import KeptBucket, KeptOperation


def test_a_bucket_that_is_kept_in_part_says_so() -> None:
    whole = KeptOperation(1, "t", "r", "t/r/null", 5, "{}")
    bare = KeptOperation(2, "t", "s", "t/s/null", 6, None, data_kept=False)
    kept = KeptBucket("b", 2, 0, 2, (whole, bare))
    assert (kept.without_data, kept.is_whole) == (1, True)
    assert not KeptBucket("b", 3, 0, 3, (whole, bare)).is_whole

"""Changes reach streams soon, and those of a burst together."""

import asyncio

from inspector.service.feed import Change, ChangeFeed

LONG_ENOUGH = 5.0


def change(name: str) -> Change:
    return Change(buckets=frozenset({name}), tables=frozenset({"notes"}))


def test_a_burst_arrives_as_one_change() -> None:
    async def burst() -> tuple[bool, Change, bool]:
        feed = ChangeFeed()
        with feed.subscription() as subscription:
            for number in range(50):
                feed.announce(change(f"bucket-{number}"))
            early = subscription.waiting
            assert await subscription.arrival(LONG_ENOUGH)
            return early, subscription.take(), subscription.waiting

    early, together, waiting = asyncio.run(burst())
    assert not early
    assert together.buckets == {f"bucket-{number}" for number in range(50)}
    assert not waiting


def test_what_was_not_taken_yet_is_kept() -> None:
    async def two_deliveries() -> Change:
        feed = ChangeFeed()
        with feed.subscription() as busy, feed.subscription() as idle:
            for name in ("first", "second"):
                feed.announce(change(name))
                assert await idle.arrival(LONG_ENOUGH)
                idle.take()
            return busy.take()

    assert asyncio.run(two_deliveries()).buckets == {"first", "second"}


def test_a_closed_feed_wakes_everybody() -> None:
    async def closing() -> bool:
        feed = ChangeFeed()
        with feed.subscription() as subscription:
            asyncio.get_running_loop().call_soon(feed.close)
            return await subscription.arrival(LONG_ENOUGH) and feed.closed

    assert asyncio.run(closing())

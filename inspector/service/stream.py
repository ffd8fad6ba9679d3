"""One open stream: checkpoints, data and keepalives in the order in which they go out (protocol §1, response)."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from inspector.service.checkpoints import StreamCheckpoints, Target
from inspector.service.errors import Refusal
from inspector.service.faults.stream import StreamFaults
from inspector.service.feed import ChangeFeed, Subscription
from inspector.service.wire import CheckpointLine, DataLine, KeepaliveLine

_CHUNK_BYTES = 64 * 1024
"""Lines that are ready together go out together, up to about this size."""
_INTERRUPTIBLE_AFTER = 1_000
"""Operations that a checkpoint sends before a newer one may interrupt it."""
_KEEPALIVE_SECONDS = 20.0
_KEEPALIVE_SPREAD = 0.1
_EXPIRY_WARNING_SECONDS = 20.0


class TokenClock:
    """When the next keepalive is due, and what it says. `expires_at` in s since the Unix epoch."""

    def __init__(self, expires_at: float, keepalive_seconds: float = _KEEPALIVE_SECONDS) -> None:
        self._expires_at = expires_at
        self._keepalive_seconds = keepalive_seconds
        self._due = 0.0
        self._schedule()

    @property
    def wait(self) -> float:
        """Seconds until the next keepalive, never negative."""
        return max(0.0, self._due - time.time())

    @property
    def expired(self) -> bool:
        """The token's life is over."""
        return time.time() >= self._expires_at

    def keepalive(self) -> KeepaliveLine | None:
        """The line when it is due."""
        now = time.time()
        if now < self._due:
            return None
        self._schedule()
        return KeepaliveLine(max(0, math.ceil(self._expires_at - now)))

    def _schedule(self) -> None:
        """A keepalive comes every 20 s or so, once when the token has 20 s left, and at its end."""
        now = time.time()
        regular = now + self._keepalive_seconds * random.uniform(1 - _KEEPALIVE_SPREAD, 1 + _KEEPALIVE_SPREAD)
        warning = self._expires_at - _EXPIRY_WARNING_SECONDS
        self._due = min(regular, warning if warning > now else self._expires_at)


class SyncStream:
    """The body of one `/sync/stream` answer."""

    def __init__(
        self, checkpoints: StreamCheckpoints, feed: ChangeFeed, clock: TokenClock, faults: StreamFaults
    ) -> None:
        self._checkpoints = checkpoints
        self._feed = feed
        self._clock = clock
        self._faults = faults
        self._encode = faults.frames
        self._target: Target | None = None
        """The next checkpoint to send."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Encoded lines until the token expires or the service shuts down; each chunk ends with a whole line.

        Ends as well when there come to be too many buckets: the client's next request is told so.
        """
        with self._feed.subscription() as changes, suppress(Refusal):
            self._target = self._checkpoints.first()
            while not (self._feed.closed or self._faults.over):
                while self._target is not None:
                    target, self._target = self._target, None
                    async for chunk in self._checkpoint(target, changes):
                        yield chunk
                self._faults.check_cut()
                if self._faults.token_ends():
                    yield self._encode(KeepaliveLine(0))
                    return
                if (alive := self._clock.keepalive()) is not None:
                    yield self._encode(alive)
                    if alive.token_expires_in == 0:
                        return
                if await changes.arrival(self._clock.wait):
                    self._target = self._checkpoints.next(changes.take())
            self._faults.check_cut()

    async def _checkpoint(self, target: Target, changes: Subscription) -> AsyncIterator[bytes]:
        """The checkpoint's line and all that follows, unless it is interrupted: then the newer one is `_target`."""
        chunk = bytearray(self._encode(target.line))
        if isinstance(target.line, CheckpointLine) and chunk:
            # The client need not wait for the first data to be read.
            yield bytes(chunk)
            chunk.clear()
        operations = 0
        for line in self._checkpoints.following_lines(target):
            chunk += self._encode(line)
            if isinstance(line, DataLine):
                operations += len(line.data)
            if self._faults.over:
                break
            if len(chunk) < _CHUNK_BYTES:
                continue
            yield bytes(chunk)
            chunk.clear()
            # A client that reads fast never makes us wait: others need their turn all the same.
            await asyncio.sleep(0)
            if self._clock.expired or self._feed.closed:
                return
            if (alive := self._clock.keepalive()) is not None:
                chunk += self._encode(alive)
            if operations >= _INTERRUPTIBLE_AFTER and changes.waiting:
                self._target = self._checkpoints.next(changes.take())
                if self._target is not None:
                    break
        if chunk:
            yield bytes(chunk)

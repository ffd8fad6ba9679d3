"""Starts and stops the service: one process or thread, one port, one storage."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import msgspec
import uvicorn

from inspector.service.app import create_app
from inspector.service.client_schema import client_schema
from inspector.service.database.follow import Follower
from inspector.service.database.serve import application_of, storage_of
from inspector.service.demo import application
from inspector.service.demo.writer import write_forever
from inspector.service.errors import ServiceError
from inspector.service.faults.catalogue import arm_all
from inspector.service.faults.network import FaultyProtocol
from inspector.service.http import is_loopback
from inspector.service.options import Ready, ServiceOptions
from inspector.service.state import ServiceState, Settings, open_state
from inspector.service.tokens import AUDIENCE, KeyStore, read_keys

_BACKLOG = 2048
_KEEP_CONNECTION_SECONDS = 72
_SHUTDOWN_SECONDS = 1
_STDIN = 0


class RunningService:
    """A service that holds its port and its storage, and answers while `run` runs.

    Raises ServiceError when the port or the storage cannot be had.
    """

    def __init__(self, options: ServiceOptions) -> None:
        self._options = options
        self._socket = _listen(options.host, options.port)
        self._stop_requested = False
        self._failure: ServiceError | None = None
        self._server: _Server | None = None
        try:
            self.endpoint = _endpoint(self._socket)
            self.state = _open(options, self.endpoint)
            try:
                arm_all(self.state.faults, options.faults)
            except BaseException:
                self.state.close()
                raise
        except BaseException:
            self._socket.close()
            raise

    @property
    def ready(self) -> Ready:
        """What is told to whoever waits for the service."""
        application = self.state.application
        schema = msgspec.json.encode(client_schema(application.tables))
        return Ready(self.endpoint, application.users, msgspec.Raw(schema))

    async def run(self, on_ready: Callable[[Ready], None]) -> None:
        """Answers until `stop` is called, then ends all streams and closes everything.

        Raises ServiceError when the database that it follows is not what it was.
        """
        self._server = _Server(self.state, lambda: on_ready(self.ready))
        if self._stop_requested:
            self._server.should_exit = True
        try:
            async with asyncio.TaskGroup() as tasks:
                beside = [tasks.create_task(work) for work in (self._write(), self._compact(), self._follow())]
                await self._server.serve(sockets=[self._socket])
                for task in beside:
                    task.cancel()
        finally:
            self.close()
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Gives up the port and the storage; `run` does so at its end."""
        self.state.close()
        self._socket.close()

    def stop(self) -> None:
        """Ends `run` soon; may be called from any thread and from signal handlers."""
        self._stop_requested = True
        if self._server is not None:
            self._server.should_exit = True

    async def _compact(self) -> None:
        while self._options.compact_every is not None:
            await asyncio.sleep(self._options.compact_every)
            await self.state.compaction.compact()

    async def _follow(self) -> None:
        if isinstance(self.state.uploads, Follower):
            try:
                await self.state.uploads.follow()
            except ServiceError as error:
                self._failure = error
                self.stop()

    async def _write(self) -> None:
        if self._options.writer and self._options.database is None:
            await write_forever(self.state, self._options.seed)


def serve(options: ServiceOptions, *, on_ready: Callable[[Ready], None]) -> None:
    """Runs the service until SIGINT, SIGTERM or, with `stop_with_parent`, the end of standard input.

    Calls `on_ready` once the service answers. Raises ServiceError when it cannot start.
    """
    service = RunningService(options)
    if options.stop_with_parent:
        threading.Thread(target=_await_stdin_end, args=(service.stop,), daemon=True).start()
    with _stopping_on_signals(service.stop):
        asyncio.run(service.run(on_ready))


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals alone and ends open streams before it waits for them."""

    def __init__(self, state: ServiceState, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(state),
                http=FaultyProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_CONNECTION_SECONDS,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._state = state
        self._on_started = on_started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._state.feed.close()
        self._state.faults.close()
        with _silent(logging.getLogger("uvicorn.error")):
            await super().shutdown(sockets)
            await asyncio.gather(*self.server_state.tasks, return_exceptions=True)


def _open(options: ServiceOptions, endpoint: str) -> ServiceState:
    settings = Settings(
        options.token_seconds,
        options.keepalive_seconds,
        is_loopback(options.host),
        options.backend,
        options.most_streams,
        options.most_buckets,
    )
    own_keys = () if options.jwks is None else read_keys(options.jwks)
    keys = KeyStore((endpoint, AUDIENCE, *options.audiences), own_keys)
    if options.config is None and options.database is None:
        return open_state(application(options.seed, groceries=options.groceries), keys, options.storage, settings)
    if options.config is None or options.database is None:
        raise ServiceError(
            "A sync config and a database belong together.", next_step="Give both, with --config and --database."
        )
    served = application_of(options.config, options.database)
    storage = options.storage or storage_of(options.database)
    return open_state(served, keys, storage, settings, options.database)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket: the port is ours from here on, and early clients wait instead of failing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's delay off; it costs small answers 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # There the option would let two services share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: Exception) -> ServiceError:
    what = f"The service cannot listen on port {port} of {host}."
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return ServiceError(
            what,
            why="Another program, perhaps a second instance of this service, has the port.",
            next_step="Stop that one, or choose another port with --port (0 takes any free one).",
        )
    return ServiceError(
        what, why=f"The system says: {str(error).rstrip('.')}.", next_step="Choose another port with --port."
    )


def _endpoint(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if listener.family == socket.AF_INET6 else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Without messages: cutting off a client that does not read is no error, and would be a traceback."""
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


@contextmanager
def _stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _await_stdin_end(stop: Callable[[], None]) -> None:
    # Unbuffered: a daemon thread inside a buffered read would block the interpreter's exit.
    with suppress(OSError):
        while os.read(_STDIN, 4096):
            pass
    stop()

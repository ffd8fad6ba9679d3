"""The present token: fetched when there is none, judged before it is sent, replaced before it ends."""

from pathlib import Path

from inspector.engine.control import CredentialSource, Problem, Start, TokenFile
from inspector.engine.credentials import Credentials, describe_source, fetch_credentials
from inspector.engine.endpoint import service_address
from inspector.engine.errors import CredentialTrouble
from inspector.engine.recorder import Recorder
from inspector.engine.transport import Transport
from inspector.protocol.token_problems import Certainty, TokenProblem, token_problems
from inspector.protocol.tokens import TokenError


class TokenKeeper:
    """The credentials of one client; also where the service is, when its address comes with the token."""

    def __init__(self, start: Start, transport: Transport, recorder: Recorder) -> None:
        self._source = start.credentials
        self._endpoint_given = bool(start.endpoint)
        self._transport = transport
        self._recorder = recorder
        self._credentials: Credentials | None = None
        self._spent = ""
        self._hints: tuple[TokenProblem, ...] = ()
        self._read: tuple[int, ...] | None = None

    @property
    def in_memory(self) -> str:
        """The present token, empty for none; it is not looked at whether it is still good."""
        return self._credentials.token if self._credentials is not None else ""

    def source_changed(self) -> bool:
        """The token's file is not what it was when it was read; told once for each change."""
        before, now = self._read, self._state_of_file()
        if before is None or now in ((), before):
            return False
        self._read = now
        return True

    def drop(self) -> None:
        """The token is of no use any more: the next one is fetched."""
        self._credentials = None

    def expire(self) -> None:
        """The service says that the token has ended: the same one is not sent again, whatever its claims say."""
        if self._credentials is not None:
            self._spent = self._credentials.token
        self._credentials = None

    async def current(self) -> Credentials:
        """A token that nothing speaks against; raises CredentialTrouble, or TokenError for one surely refused."""
        if self._credentials is not None and not _certain(self._problems(self._credentials)):
            return self._credentials
        self._credentials = None
        credentials = await self._fetch()
        self._adopt_endpoint(credentials)
        self._recorder.token(credentials.claims)
        if credentials.token == self._spent:
            raise _spent(self._source)
        if refused := await self._refused(credentials):
            raise refused.as_error()
        self._credentials = credentials
        return credentials

    async def renewed(self) -> bool:
        """There is another token than the present one, and nothing speaks against it; raises as `current` does."""
        credentials = await self._fetch()
        if self._credentials is not None and credentials.token == self._credentials.token:
            return False
        if refused := await self._refused(credentials):
            raise refused.as_error()
        self._adopt_endpoint(credentials)
        self._recorder.token(credentials.claims)
        self._credentials = credentials
        return True

    async def _fetch(self) -> Credentials:
        transport = self._transport
        self._read = self._state_of_file()
        return await fetch_credentials(
            self._source, endpoint=transport.address, now=transport.clock.now(), tls=transport.tls
        )

    def _state_of_file(self) -> tuple[int, ...] | None:
        """What a change of the token's file changes; empty while it is not there, None without such a file."""
        if not isinstance(self._source, TokenFile):
            return None
        try:
            stat = Path(self._source.path).expanduser().stat()
        except OSError:
            return ()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _adopt_endpoint(self, credentials: Credentials) -> None:
        if self._endpoint_given:
            return
        if not credentials.endpoint:
            raise CredentialTrouble(
                "It is not known where the service is.",
                why="No endpoint was given, and none comes with the token.",
                next_step="Give the PowerSync service's address, like https://sync.example.com.",
            )
        self._transport.address = service_address(credentials.endpoint)
        self._recorder.status.endpoint = self._transport.address

    async def _refused(self, credentials: Credentials) -> TokenProblem | None:
        """Why the service will surely not take the token; where the time decides, the service's clock is asked."""
        problems = self._problems(credentials)
        if not self._transport.clock.fresh and any(problem.by_clock for problem in _certain(problems)):
            await self._transport.ask_clock()
            problems = self._problems(credentials)
        self._tell_hints(tuple(problem for problem in problems if problem.certainty is Certainty.HINT))
        return next(iter(_certain(problems)), None)

    def _problems(self, credentials: Credentials) -> tuple[TokenProblem, ...]:
        transport = self._transport
        return token_problems(credentials.claims, now=transport.clock.now(), endpoint=transport.address)

    def _tell_hints(self, hints: tuple[TokenProblem, ...]) -> None:
        known = {hint.what for hint in self._hints}
        self._hints = hints
        self._recorder.status.token_hints = tuple(Problem(hint.what, hint.why, hint.next_step) for hint in hints)
        for hint in hints:
            if hint.what not in known:
                self._recorder.note("info", "credentials", str(hint))


def _spent(source: CredentialSource) -> TokenError:
    """The service has ended the stream for the token, and there is no other."""
    origin = describe_source(source)
    if not origin:
        why, next_step = (
            "The service ended the stream when the token did.",
            "Connect with a new token to go on syncing.",
        )
    else:
        why = f"The service ended the stream when the token did, and {origin} gives the same one again."
        next_step = "Have a new one there: it is asked for again at each try."
        if isinstance(source, TokenFile):
            next_step = "Write a new one into the file: it is read as soon as it changes."
    return TokenError("The token has expired.", why=why, next_step=next_step)


def _certain(problems: tuple[TokenProblem, ...]) -> tuple[TokenProblem, ...]:
    return tuple(problem for problem in problems if problem.certainty is Certainty.CERTAIN)

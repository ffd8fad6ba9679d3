"""Where tokens come from: a literal one, a file, a command, an HTTP endpoint."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct

from inspector.engine.control import CredentialSource, StaticToken, TokenCommand, TokenEndpoint, TokenFile
from inspector.engine.errors import CredentialTrouble
from inspector.engine.transport import trouble_of
from inspector.protocol.tokens import TokenClaims, TokenError, read_token

COMMAND_SECONDS = 30
"""How long a token command may take."""


class _Answer(Struct, frozen=True):
    token: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token with what it says of itself; it is never part of a `repr`."""

    token: str
    claims: TokenClaims

    def __repr__(self) -> str:
        return f"Credentials(user_id={self.claims.user_id!r})"


def describe_source(source: CredentialSource) -> str:
    """Where the next token comes from, as words after "from"; empty when there is no next one."""
    match source:
        case StaticToken():
            return ""
        case TokenFile(path):
            return f"the file {Path(path).name}"
        case TokenCommand():
            return "the token command"
        case TokenEndpoint():
            return "the credentials endpoint"


async def fetch_credentials(source: CredentialSource) -> Credentials:
    """A token from its source; raises CredentialTrouble, or TokenError when it is no token."""
    token = _token_in(await _text_from(source))
    try:
        return Credentials(token, read_token(token))
    except TokenError as error:
        origin = describe_source(source)
        raise TokenError(
            error.what, why=error.why, next_step=f"Check what {origin} gives." if origin else "Check the token given."
        ) from None


async def _text_from(source: CredentialSource) -> str:
    match source:
        case StaticToken(token):
            return token
        case TokenFile(path):
            return _read_file(Path(path))
        case TokenCommand(command):
            return await _run(command)
        case TokenEndpoint(url):
            return await _get(url)


def _token_in(text: str) -> str:
    """The token itself, or the `token` of a JSON object."""
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            return msgspec.json.decode(stripped, type=_Answer).token
        except msgspec.MsgspecError as error:
            raise CredentialTrouble(
                "The token's source gives JSON without a token.",
                why="An object with a “token” is expected.",
                next_step="Check what the source answers.",
            ) from error
    return stripped


def _read_file(path: Path) -> str:
    try:
        text = path.expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text file"
        raise CredentialTrouble(
            f"The token file {path.name} cannot be read.",
            why=f"The system says: {reason}.",
            next_step="Check its path and its permissions.",
        ) from error
    if not text.strip():
        raise CredentialTrouble(
            f"The token file {path.name} is empty.",
            next_step="Write a token into it; it is read again at the next try.",
        )
    return text


async def _run(command: str) -> str:
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, complaint = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    except TimeoutError:
        _kill(process)
        raise CredentialTrouble(
            "The token command does not end.",
            why=f"It was stopped after {COMMAND_SECONDS} s.",
            next_step="Run it in a terminal to see what it waits for.",
        ) from None
    except asyncio.CancelledError:
        _kill(process)
        raise
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise CredentialTrouble(
            f"The token command failed with exit code {process.returncode}.",
            why=f"It says: {lines[-1][:200].rstrip('.')}." if lines else "It says nothing.",
            next_step="Run it in a terminal to see why.",
        )
    text = output.decode(errors="replace")
    if not text.strip():
        raise CredentialTrouble(
            "The token command prints nothing.", next_step="It has to print a token on its standard output."
        )
    return text


def _kill(process: asyncio.subprocess.Process) -> None:
    """The shell and what it started."""
    if process.returncode is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


async def _get(url: str) -> str:
    try:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        trouble = trouble_of(error, "credentials endpoint")
        raise CredentialTrouble(trouble.what, why=trouble.why, next_step=trouble.next_step) from error
    if answer.status_code != 200:
        raise CredentialTrouble(
            f"The credentials endpoint answers {answer.status_code}.",
            why="An answer of 200 with a token is expected.",
            next_step="Check its address and whether you are signed in.",
        )
    return answer.text

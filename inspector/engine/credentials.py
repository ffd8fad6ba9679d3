"""Where tokens come from: a literal one, a file, a command, an HTTP endpoint, a key to sign one with."""

import asyncio
import os
import signal
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct

from inspector.engine.bounded_client import BoundedClient
from inspector.engine.control import (
    CredentialSource,
    MintedToken,
    StaticToken,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
)
from inspector.engine.errors import CredentialTrouble
from inspector.engine.http_trouble import trouble_of
from inspector.engine.proxy import proxy_for
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
    endpoint: str = ""
    """The service's address, where it came with the token."""

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
        case MintedToken(key_file, is_secret=is_secret):
            return f"the {'secret' if is_secret else 'key'} file {Path(key_file).name}"


async def fetch_credentials(
    source: CredentialSource, *, endpoint: str = "", now: float | None = None, tls: ssl.SSLContext | None = None
) -> Credentials:
    """A token from its source; raises CredentialTrouble, or TokenError when it is no token.

    A minted one is for the service at `endpoint`, issued `now` (s since the Unix epoch). `tls` says which certificates
    a credentials endpoint may have.
    """
    if isinstance(source, MintedToken):
        from inspector.engine.minting import mint_token  # which takes an eighth of a second, and few need

        answer = _Answer(mint_token(source, endpoint=endpoint, now=time.time() if now is None else now))
    else:
        answer = _answer_in(await _text_from(source, tls))
    try:
        return Credentials(answer.token, read_token(answer.token), answer.endpoint or "")
    except TokenError as error:
        origin = describe_source(source)
        raise TokenError(
            error.what, why=error.why, next_step=f"Check what {origin} gives." if origin else "Check the token given."
        ) from None


async def _text_from(source: StaticToken | TokenFile | TokenCommand | TokenEndpoint, tls: ssl.SSLContext | None) -> str:
    match source:
        case StaticToken(token):
            return token
        case TokenFile(path):
            return _read_file(Path(path))
        case TokenCommand(command):
            return await _run(command)
        case TokenEndpoint(url):
            return await _get(url, tls)


def _answer_in(text: str) -> _Answer:
    """The token itself, or a JSON object with a `token` and perhaps an `endpoint`."""
    stripped = text.strip()
    if stripped.startswith("{"):
        try:
            return msgspec.json.decode(stripped, type=_Answer)
        except msgspec.MsgspecError as error:
            raise CredentialTrouble(
                "The token's source gives JSON without a token.",
                why="An object with a “token” is expected.",
                next_step="Check what the source answers.",
            ) from error
    return _Answer(stripped)


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


async def _get(url: str, tls: ssl.SSLContext | None) -> str:
    try:
        async with BoundedClient(timeout=30, verify=True if tls is None else tls) as client:
            answer = await client.get(url)
    except httpx.InvalidURL as error:
        raise CredentialTrouble(
            "The credentials endpoint is no web address.",
            why=f"{error}.",
            next_step="Give it like https://app.example.com/api/credentials.",
        ) from error
    except httpx.HTTPError as error:
        trouble = trouble_of(error, "credentials endpoint", proxy_for(url))
        raise CredentialTrouble(trouble.what, why=trouble.why, next_step=trouble.next_step) from error
    if answer.status_code != 200:
        raise CredentialTrouble(
            f"The credentials endpoint answers {answer.status_code}.",
            why="An answer of 200 with a token is expected.",
            next_step="Check its address and whether you are signed in.",
        )
    return answer.text

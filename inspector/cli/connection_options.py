"""What the options of `connect` say: where tokens come from, which streams, parameters and metadata."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.engine.connection_entry import given_token, json_object, subscription_of
from inspector.engine.control import (
    BackendUpload,
    CommandUpload,
    CredentialSource,
    Hold,
    MintedToken,
    StreamSubscription,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
    UploadSettings,
)
from inspector.engine.errors import SettingsError
from inspector.engine.tls import INSECURE_WARNING


@dataclass(frozen=True, slots=True)
class TokenOptions:
    """The options that name a source of tokens; one of them is to be given."""

    token: str | None = None
    token_file: Path | None = None
    token_command: str | None = None
    token_endpoint: str | None = None
    dev_key: Path | None = None
    dev_secret_file: Path | None = None


@dataclass(frozen=True, slots=True)
class DevTokenOptions:
    """What a token says that is signed here; `lifetime` in s."""

    user: str | None = None
    key_id: str = ""
    audience: tuple[str, ...] = ()
    lifetime: int = 3600
    claims: str | None = None


def credentials_of(options: TokenOptions, dev: DevTokenOptions) -> CredentialSource:
    """The one source of tokens that the options name; raises SettingsError."""
    makers: list[tuple[object, Callable[[], CredentialSource]]] = [
        (options.token, lambda: given_token(str(options.token))),
        (options.token_file, lambda: TokenFile(str(options.token_file))),
        (options.token_command, lambda: TokenCommand(str(options.token_command))),
        (options.token_endpoint, lambda: TokenEndpoint(str(options.token_endpoint))),
        (options.dev_key, lambda: _minted(str(options.dev_key), dev, is_secret=False)),
        (options.dev_secret_file, lambda: _minted(str(options.dev_secret_file), dev, is_secret=True)),
    ]
    given = [make for value, make in makers if value is not None]
    if not given and (kept := os.environ.get("INSPECTOR_TOKEN")):
        return given_token(kept)
    if len(given) != 1:
        raise SettingsError(
            "The service needs a token." if not given else "More than one source of tokens is given.",
            next_step="Give one of --token-file, --token-command, --token-endpoint, --token, --dev-key,"
            " --dev-secret-file and the variable INSPECTOR_TOKEN.",
        )
    return given[0]()


def _minted(file: str, dev: DevTokenOptions, *, is_secret: bool) -> MintedToken:
    if not dev.user:
        raise SettingsError(
            "A token that is signed here needs a user.", next_step="Give the user's id with --dev-user."
        )
    return MintedToken(
        key_file=file,
        user_id=dev.user,
        is_secret=is_secret,
        key_id=dev.key_id,
        audience=dev.audience,
        lifetime=dev.lifetime,
        claims=json_option(dev.claims, "further claims", '--dev-claims \'{"role": "editor"}\''),
    )


def upload_settings(url: str | None, command: str | None) -> UploadSettings:
    """What becomes of local writes: held, unless an option says where to upload them; raises SettingsError."""
    if url is not None and command is not None:
        raise SettingsError(
            "More than one way to upload is given.", next_step="Give one of --upload-url and --upload-command."
        )
    if url is not None:
        return BackendUpload(url)
    return CommandUpload(command) if command is not None else Hold()


def json_option(text: str | None, what: str, example: str) -> dict[str, Any] | None:
    """A JSON object that was given as an option, None when it was not; raises SettingsError."""
    if text is not None and not text.strip():
        raise SettingsError(f"The {what} are no JSON object.", next_step=f"Give them like {example}.")
    return json_object(text or "", what, example)


def subscriptions_of(texts: Sequence[str]) -> tuple[StreamSubscription, ...]:
    """Streams as people write them: `all_notes`, `list_todos{"list":"list-7"}`; raises SettingsError."""
    return tuple(subscription_of(text, '--subscribe \'list_todos{"list":"list-7"}\'') for text in texts)


def warn_insecure() -> None:
    """Say aloud what is given up."""
    sys.stderr.write(f"Warning: {INSECURE_WARNING}\n")

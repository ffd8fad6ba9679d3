"""What a person enters to connect, as text, and what the engine makes of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from inspector.engine.control import (
    BackendUpload,
    CommandUpload,
    CredentialSource,
    DecodedToken,
    Hold,
    MintedToken,
    Start,
    StaticToken,
    StreamSubscription,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
    UploadSettings,
)
from inspector.engine.endpoint import service_address
from inspector.engine.errors import SettingsError
from inspector.engine.session_files import SessionFiles
from inspector.protocol.tokens import TokenError, read_token

SourceKind: TypeAlias = Literal["token", "file", "command", "endpoint", "key", "secret"]
UploadKind: TypeAlias = Literal["hold", "backend", "command"]

SECRET_KINDS: tuple[SourceKind, ...] = ("token", "command")
"""Kinds whose value is a secret, or may hold one: never written to settings."""


class ConnectionEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields of the connection dialog. `source` is a token, a path, a command or an address, by its kind."""

    endpoint: str = ""
    kind: SourceKind = "token"
    source: str = ""
    user: str = ""
    """For whom tokens are signed, of the kinds `key` and `secret`."""
    parameters: str = ""
    """A JSON object, or nothing."""
    streams: str = ""
    """One subscription a line: `list_todos{"list":"list-7"}`."""
    default_streams: bool = True
    uploads: UploadKind = "hold"
    upload_to: str = ""
    checkpoint_requests: bool = False
    database: str = ""
    """The client database to sync into; empty: a new one."""
    migrate_in_place: bool = False
    schema_file: str = ""
    app_metadata: str = ""
    """One `name=value` a line."""
    ca_file: str = ""
    insecure: bool = False
    key_id: str = ""
    """Of tokens that are signed here, as all below."""
    audience: str = ""
    """One or more, between commas; empty: the service's address."""
    lifetime: str = ""
    """s, as a whole number; empty: an hour."""
    claims: str = ""
    """A JSON object, or nothing."""


@dataclass(frozen=True, slots=True)
class PastedToken:
    """A token that somebody pasted, alone or in JSON beside the service's address."""

    token: str
    decoded: DecodedToken
    endpoint: str
    """As given beside it, or guessed from its audience or issuer; empty when neither tells."""
    guessed_from: str
    """`audience`, `issuer`, or empty."""

    def __repr__(self) -> str:
        return f"PastedToken(user={self.decoded.claims.get('sub')!r})"


def recognise_token(text: str) -> PastedToken | None:
    """The token in `text`; None when it is none."""
    token, endpoint = text.strip(), ""
    if token.startswith("{"):
        try:
            answer = msgspec.json.decode(token, type=dict[str, Any])
        except msgspec.MsgspecError:
            return None
        token, endpoint = str(answer.get("token") or ""), str(answer.get("endpoint") or "")
    token = _bare_token(token)
    try:
        claims = read_token(token)
    except TokenError:
        return None
    guessed_from = ""
    if not endpoint:
        endpoint, guessed_from = _guess(claims.audiences, claims.payload.get("iss"))
    return PastedToken(token, DecodedToken(claims.header, claims.payload), endpoint, guessed_from)


def given_token(text: str) -> StaticToken:
    """A token as somebody gives it, without what came along with it."""
    pasted = recognise_token(text)
    return StaticToken(text.strip() if pasted is None else pasted.token)


_COPIED = re.compile(r"\W*(?:authorization\W+)?(?:(?:bearer|token)\W+)?([\w-]+\.[\w-]+\.[\w-]*)\W*", re.I | re.A)


def _bare_token(text: str) -> str:
    """Without what comes along when a token is copied from a header, from JSON, from code or from a terminal."""
    copied = _COPIED.fullmatch(text) or _COPIED.fullmatch("".join(text.split()))
    return copied[1] if copied else text


def start_of(entry: ConnectionEntry, files: SessionFiles) -> Start:
    """What the engine is told; raises SettingsError for what cannot be read."""
    signs = entry.kind in ("key", "secret")
    endpoint = service_address(entry.endpoint) if entry.endpoint.strip() or signs else ""
    if entry.kind == "token" and entry.source.strip() and not endpoint:
        raise SettingsError(
            "It is not known where the service is.",
            why="A token alone does not tell.",
            next_step="Give the service's address, like https://sync.example.com.",
        )
    return Start(
        endpoint=endpoint,
        credentials=_credentials(entry),
        client_database=_path(entry.database) or str(files.client_database),
        capture=str(files.capture),
        parameters=json_object(entry.parameters, "connection parameters", '{"project": "p1"}'),
        app_metadata=app_metadata_of(line for line in entry.app_metadata.splitlines() if line.strip()),
        include_defaults=entry.default_streams,
        subscriptions=tuple(subscription_of(line) for line in entry.streams.splitlines() if line.strip()),
        ca_file=_path(entry.ca_file),
        insecure=entry.insecure,
        schema_file=_path(entry.schema_file),
        uploads=_uploads(entry),
        checkpoint_mode="requests" if entry.checkpoint_requests else "legacy",
        migrate_in_place=entry.migrate_in_place,
    )


def subscription_of(text: str, example: str = 'list_todos{"list":"list-7"}') -> StreamSubscription:
    """A stream as people write it: `all_notes`, `list_todos{"list":"list-7"}`; raises SettingsError."""
    name, brace, rest = text.strip().partition("{")
    if not name.strip():
        raise SettingsError(f"“{text.strip()}” names no stream.", next_step=f"Give it like {example}.")
    parameters = json_object(brace + rest, f"parameters of {name.strip()}", example)
    return StreamSubscription(name.strip(), parameters)


def app_metadata_of(pairs: Iterable[str]) -> dict[str, str] | None:
    """Pairs like `app=shop`; raises SettingsError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name.strip() or not equals:
            raise SettingsError(f"“{pair}” is no pair of a name and a value.", next_step="Give it like app=shop.")
        found[name.strip()] = value.strip()
    return found or None


def json_object(text: str, what: str, example: str) -> dict[str, Any] | None:
    """A JSON object, None for nothing; raises SettingsError."""
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise SettingsError(
            f"The {what} are no JSON object.", why=f"{error}.", next_step=f"Give them like {example}."
        ) from error


def _credentials(entry: ConnectionEntry) -> CredentialSource:
    source = entry.source.strip()
    if not source:
        raise SettingsError("The service needs a token.", next_step=_WANTED[entry.kind])
    match entry.kind:
        case "token":
            return given_token(source)
        case "file":
            return TokenFile(_path(source))
        case "command":
            return TokenCommand(source)
        case "endpoint":
            return TokenEndpoint(source)
        case "key" | "secret":
            return _minted(entry, _path(source))


def _minted(entry: ConnectionEntry, key_file: str) -> MintedToken:
    if not entry.user.strip():
        raise SettingsError("A token that is signed here needs a user.", next_step="Give the user's id.")
    lifetime = entry.lifetime.strip() or "3600"
    if not lifetime.isdecimal() or not int(lifetime):
        raise SettingsError(
            f"“{lifetime}” is no number of seconds.", next_step="Say for how long a token lives like 3600, in seconds."
        )
    return MintedToken(
        key_file,
        entry.user.strip(),
        is_secret=entry.kind == "secret",
        key_id=entry.key_id.strip(),
        audience=tuple(part.strip() for part in entry.audience.split(",") if part.strip()),
        lifetime=int(lifetime),
        claims=json_object(entry.claims, "further claims", '{"role": "editor"}'),
    )


def _path(typed: str) -> str:
    """A path as the engine, which may stand in another folder, finds it too; empty stays empty."""
    return str(Path(typed.strip()).expanduser().absolute()) if typed.strip() else ""


def _uploads(entry: ConnectionEntry) -> UploadSettings:
    if entry.uploads == "hold":
        return Hold()
    if not entry.upload_to.strip():
        raise SettingsError("It is not said where local writes go.", next_step="Give it, or hold local writes.")
    if entry.uploads == "backend":
        return BackendUpload(entry.upload_to.strip())
    return CommandUpload(entry.upload_to.strip())


def _guess(audiences: tuple[str, ...], issuer: object) -> tuple[str, str]:
    for candidates, origin in ((audiences, "audience"), ((issuer,), "issuer")):
        for candidate in candidates:
            if isinstance(candidate, str) and urlsplit(candidate).scheme in ("http", "https"):
                try:
                    return service_address(candidate), origin
                except SettingsError:
                    continue
    return "", ""


_WANTED: dict[SourceKind, str] = {
    "token": "Paste one.",
    "file": "Name the file that holds it.",
    "command": "Give the command that prints it.",
    "endpoint": "Give the address that answers with it.",
    "key": "Name the file of the private key to sign it with.",
    "secret": "Name the file of the secret to sign it with.",
}

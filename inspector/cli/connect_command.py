"""`inspector connect`: its options, and the connection that they describe."""

from pathlib import Path
from typing import Annotated

import typer

from inspector.cli.connection_options import (
    DevTokenOptions,
    TokenOptions,
    credentials_of,
    json_option,
    subscriptions_of,
    upload_settings,
    warn_insecure,
)
from inspector.cli.sessions import kept_session
from inspector.cli.showing import Headless, Json, Screenshot, Size, Theme, UntilSynced, show
from inspector.engine.connection_entry import app_metadata_of
from inspector.engine.control import Start
from inspector.engine.endpoint import service_address


def connect(
    endpoint: Annotated[
        str,
        typer.Argument(
            help="Address of the PowerSync service, like https://sync.example.com. Without one, the address that comes"
            " with the token is used.",
        ),
    ] = "",
    token: Annotated[str | None, typer.Option(help="A JSON web token. Other users of this machine can see it.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file that holds a token; read again when needed.")] = None,
    token_command: Annotated[str | None, typer.Option(help="A shell command that prints a token.")] = None,
    token_endpoint: Annotated[str | None, typer.Option(help="A web address that answers {endpoint, token}.")] = None,
    dev_key: Annotated[
        Path | None,
        typer.Option(help="Sign tokens with this private key (PEM or JWK; RS256, ES256, EdDSA), for development."),
    ] = None,
    dev_secret_file: Annotated[
        Path | None, typer.Option(help="Sign tokens with the HS256 secret in this file (text or JWK), for development.")
    ] = None,
    dev_user: Annotated[str | None, typer.Option(help="With a --dev key: whom the tokens are for (sub).")] = None,
    dev_key_id: Annotated[str, typer.Option(help="With a --dev key: its id (kid); a JWK has its own.")] = "",
    dev_audience: Annotated[
        list[str] | None,
        typer.Option(help="With a --dev key: the audience (aud), instead of the endpoint. Repeatable."),
    ] = None,
    dev_lifetime: Annotated[
        int, typer.Option(min=1, help="With a --dev key: how long tokens live, in seconds.")
    ] = 3600,
    dev_claims: Annotated[str | None, typer.Option(help="With a --dev key: further claims, as a JSON object.")] = None,
    database: Annotated[
        Path | None,
        typer.Option(
            help="The client database to sync into; made anew if absent. One of an older version is copied first."
        ),
    ] = None,
    migrate_in_place: Annotated[
        bool,
        typer.Option(
            "--migrate-in-place",
            help="Migrate a --database of an older schema version itself: its app has to know the newer one.",
        ),
    ] = False,
    capture: Annotated[Path | None, typer.Option(help="The file to record the stream in.")] = None,
    parameters: Annotated[str | None, typer.Option(help="Connection parameters, as a JSON object.")] = None,
    app_metadata: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Metadata for the service's logs. Repeatable.")
    ] = None,
    subscribe: Annotated[
        list[str] | None,
        typer.Option(metavar="STREAM", help='A stream, like list_todos{"list":"list-7"}. Repeatable.'),
    ] = None,
    default_streams: Annotated[
        bool, typer.Option("--default-streams/--no-default-streams", help="Subscribe to the default streams.")
    ] = True,
    schema: Annotated[
        Path | None, typer.Option(help="The app's schema as JSON; without it, columns are those seen in the data.")
    ] = None,
    upload_url: Annotated[
        str | None, typer.Option(help="Upload local writes by POST to this address. Without an option they are held.")
    ] = None,
    upload_command: Annotated[
        str | None, typer.Option(help="Upload local writes with this shell command, one transaction each.")
    ] = None,
    checkpoint_requests: Annotated[
        bool, typer.Option("--checkpoint-requests", help="Confirm uploads by checkpoint requests, not the legacy way.")
    ] = False,
    ca: Annotated[
        Path | None, typer.Option(help="Certificates (PEM) to trust besides the usual ones, also at --token-endpoint.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not check TLS certificates: anybody between can listen and change.")
    ] = False,
    headless: Headless = False,
    as_json: Json = False,
    until_synced: UntilSynced = False,
    screenshot: Screenshot = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Sync from a PowerSync service and watch it."""
    credentials = credentials_of(
        TokenOptions(token, token_file, token_command, token_endpoint, dev_key, dev_secret_file),
        DevTokenOptions(dev_user, dev_key_id, tuple(dev_audience or ()), dev_lifetime, dev_claims),
    )
    address = service_address(endpoint) if endpoint or dev_key or dev_secret_file else ""
    if insecure:
        warn_insecure()
    with kept_session(address or "https://service", database, capture) as files:
        start = Start(
            endpoint=address,
            credentials=credentials,
            client_database=str(files.client_database),
            capture=str(files.capture),
            parameters=json_option(parameters, "connection parameters", '--parameters \'{"project": "p1"}\''),
            app_metadata=app_metadata_of(app_metadata or ()),
            subscriptions=subscriptions_of(subscribe or ()),
            include_defaults=default_streams,
            ca_file=str(ca.absolute()) if ca is not None else "",
            insecure=insecure,
            schema_file=str(schema.absolute()) if schema is not None else "",
            migrate_in_place=migrate_in_place,
            uploads=upload_settings(upload_url, upload_command),
            checkpoint_mode="requests" if checkpoint_requests else "legacy",
        )
        code = show(start, "", headless, as_json, until_synced, screenshot, size, theme)
    raise typer.Exit(code)

"""`inspector connect`: the connection that its options describe."""

import typer

from inspector.cli.connect_options import (
    AppMetadata,
    Ca,
    Capture,
    CheckpointRequests,
    Database,
    DefaultStreams,
    DevAudience,
    DevClaims,
    DevKey,
    DevKeyId,
    DevLifetime,
    DevSecretFile,
    DevUser,
    Endpoint,
    Insecure,
    MigrateInPlace,
    Parameters,
    Schema,
    Subscribe,
    Token,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
    UploadCommand,
    UploadUrl,
)
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
    endpoint: Endpoint = "",
    token: Token = None,
    token_file: TokenFile = None,
    token_command: TokenCommand = None,
    token_endpoint: TokenEndpoint = None,
    dev_key: DevKey = None,
    dev_secret_file: DevSecretFile = None,
    dev_user: DevUser = None,
    dev_key_id: DevKeyId = "",
    dev_audience: DevAudience = None,
    dev_lifetime: DevLifetime = 3600,
    dev_claims: DevClaims = None,
    database: Database = None,
    migrate_in_place: MigrateInPlace = False,
    capture: Capture = None,
    parameters: Parameters = None,
    app_metadata: AppMetadata = None,
    subscribe: Subscribe = None,
    default_streams: DefaultStreams = True,
    schema: Schema = None,
    upload_url: UploadUrl = None,
    upload_command: UploadCommand = None,
    checkpoint_requests: CheckpointRequests = False,
    ca: Ca = None,
    insecure: Insecure = False,
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

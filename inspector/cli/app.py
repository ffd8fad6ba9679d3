"""The commands. Each turns its options into a source, and shows it in a window or in the terminal.

What a command needs is imported when it runs: a terminal wants no Qt, an engine no service.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import msgspec
import typer

from inspector import __version__
from inspector.cli.connection_options import (
    DevTokenOptions,
    TokenOptions,
    credentials_of,
    json_option,
    subscriptions_of,
    upload_settings,
    warn_insecure,
)
from inspector.cli.sessions import SessionFiles, kept_session, passing_session
from inspector.engine.connection_entry import app_metadata_of
from inspector.engine.control import CredentialSource, Start
from inspector.engine.endpoint import service_address
from inspector.engine.errors import SettingsError
from inspector.protocol.errors import InspectorError
from inspector.words import plural

if TYPE_CHECKING:
    from inspector.ui.sources import ServiceHandle

app = typer.Typer(
    help="A desktop inspector for the PowerSync sync protocol.",
    add_completion=False,
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Headless = Annotated[bool, typer.Option("--headless", help="Follow the stream in the terminal, one line a frame.")]
Json = Annotated[bool, typer.Option("--json", help="With --headless: one JSON object a line.")]
UntilSynced = Annotated[
    bool,
    typer.Option("--until-synced", help="With --headless: exit 0 after the first full checkpoint, or say why not."),
]
Screenshot = Annotated[
    Path | None, typer.Option("--screenshot", metavar="FILE", help="Save the window as a PNG once synced, and exit.")
]
Size = Annotated[str, typer.Option("--size", metavar="WxH", help="The window's size, in pixels.")]
Theme = Annotated[str | None, typer.Option("--theme", metavar="dark|light", help="Colours, instead of the remembered.")]


@app.callback()
def start_empty(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Without a command: an empty window."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        from inspector.ui.app import run_window

        raise typer.Exit(run_window(None))


@app.command()
def demo(
    user: Annotated[
        str | None, typer.Option(help="Have one client only, of alice or bob, and a service whose rows keep changing.")
    ] = None,
    story: Annotated[
        bool, typer.Option("--story", help="With --headless: play the story as a self-test, and exit 0 if it held.")
    ] = False,
    headless: Headless = False,
    as_json: Json = False,
    until_synced: UntilSynced = False,
    screenshot: Screenshot = None,
    size: Size = "1440x900",
    theme: Theme = None,
) -> None:
    """Start the embedded service, two clients side by side that share a list, and the window."""
    if story and (user or as_json or until_synced):
        raise SettingsError("--story has clients and an output of its own.", next_step="Leave the other options out.")
    if user or (headless and not story):
        code = _demo_of_one(user or "alice", headless, as_json, until_synced, screenshot, size, theme)
    else:
        code = _demo_of_two(story=headless, screenshot=screenshot, size=size, theme=theme)
    raise typer.Exit(code)


@app.command()
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
    size: Size = "1440x900",
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
        start = msgspec.structs.replace(
            _start(address, credentials, files),
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
        code = _show(start, "", headless, as_json, until_synced, screenshot, size, theme)
    raise typer.Exit(code)


@app.command("open")
def open_command(
    file: Annotated[Path, typer.Argument(help="A client database or a capture. It is not changed.")],
    screenshot: Screenshot = None,
    size: Size = "1440x900",
    theme: Theme = None,
) -> None:
    """Show a client database or a capture."""
    from inspector.ui.app import FileSource, run_window

    raise typer.Exit(run_window(FileSource(file), screenshot=screenshot, size=_size(size), theme=theme))


@app.command()
def export(
    capture: Annotated[Path, typer.Argument(help="A capture. It is not changed.")],
    filter_text: Annotated[
        str, typer.Option("--filter", metavar="FILTER", help="Only frames that meet this display filter.")
    ] = "",
    form: Annotated[
        str,
        typer.Option("--format", metavar="ndjson|csv|har", help="Without it, as the output's name ends, or ndjson."),
    ] = "",
    output: Annotated[Path | None, typer.Option(help="The file to write, instead of the standard output.")] = None,
) -> None:
    """Write frames of a capture as NDJSON, CSV or an HTTP archive."""
    from inspector.cli.export_command import export_capture

    export_capture(capture, filter_text, form, output)


@app.command()
def service(
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    storage: Annotated[Path | None, typer.Option(help="Where to keep its data; without it they go at the end.")] = None,
    writer: Annotated[bool, typer.Option(help="Change a row about once a second.")] = True,
    seed: Annotated[int, typer.Option(help="The demo data's seed.")] = 1,
    token_seconds: Annotated[int, typer.Option(help="How long the demo users' tokens live.")] = 3600,
    reject_conflicts: Annotated[
        bool,
        typer.Option(
            "--reject-conflicts", help="The backend answers 409 to a write whose row was changed; else the last wins."
        ),
    ] = False,
    upload_delay: Annotated[float, typer.Option(min=0, max=60, help="Seconds before the backend answers.")] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:PARAMETER=VALUE,…]", help="Inject a fault, or a preset, until it is lifted. Repeatable."
        ),
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Print what --fault takes, and exit.")] = False,
    groceries: Annotated[
        bool, typer.Option("--groceries", help="Add the short list that the story plays with.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Sync streams in YAML (edition 3, a subset), to serve --database instead of the demo."),
    ] = None,
    database: Annotated[
        Path | None, typer.Option(help="An SQLite database of your own. Triggers are added to it, to see changes.")
    ] = None,
    jwks: Annotated[
        Path | None, typer.Option(help="A JWK set: tokens that your own backend signs with these keys are taken too.")
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option(help="An audience (aud) to take besides the address. Repeatable.")
    ] = None,
    remove_triggers: Annotated[
        bool, typer.Option("--remove-triggers", help="Remove what was added to --database, and exit.")
    ] = False,
    most_streams: Annotated[int, typer.Option(min=1, help="Open streams at once; more are answered 429.")] = 200,
    most_buckets: Annotated[int, typer.Option(min=1, help="Buckets of one stream; more are refused.")] = 1000,
    compact_every: Annotated[
        float | None,
        typer.Option(min=1, help="Compact so often, in seconds; without it only “inspector compact” does."),
    ] = None,
    stop_with_parent: Annotated[bool, typer.Option("--stop-with-parent", hidden=True)] = False,
) -> None:
    """Run the embedded service alone; it prints its address and its demo users as one line of JSON.

    It is for one developer's machine. For more than one machine, use a real PowerSync deployment.
    """
    from inspector.service.backend_settings import BackendSettings
    from inspector.service.faults.catalogue import listing
    from inspector.service.notices import notices
    from inspector.service.run import Ready, ServiceOptions, serve

    if list_faults:
        typer.echo(listing())
        raise typer.Exit
    if remove_triggers:
        from inspector.service.database.serve import remove_triggers as remove

        if database is None:
            raise SettingsError("--remove-triggers needs a database.", next_step="Name it with --database.")
        typer.echo(f"{plural(remove(database), 'trigger')} removed from {database}.")
        raise typer.Exit
    options = ServiceOptions(
        host=host,
        port=port,
        storage=storage,
        writer=writer,
        seed=seed,
        token_seconds=token_seconds,
        groceries=groceries,
        backend=BackendSettings("reject" if reject_conflicts else "last_write_wins", upload_delay),
        faults=tuple(fault or ()),
        config=config,
        database=database,
        jwks=jwks,
        audiences=tuple(audience or ()),
        most_streams=most_streams,
        most_buckets=most_buckets,
        compact_every=compact_every,
        stop_with_parent=stop_with_parent,
    )

    def announce(ready: Ready) -> None:
        for notice in notices(options):
            typer.echo(notice, err=True)
        print(msgspec.json.encode(ready).decode(), flush=True)

    serve(options, on_ready=announce)


@app.command()
def compact(
    endpoint: Annotated[str, typer.Argument(help="The embedded service's address.")] = "http://127.0.0.1:8090",
    defragment: Annotated[
        bool,
        typer.Option(
            "--defragment", help="Touch old rows first, for the most compact buckets: clients get them again."
        ),
    ] = False,
) -> None:
    """Have an embedded service on this machine compact its buckets."""
    from inspector.cli.compact import order_compaction

    typer.echo(order_compaction(endpoint, defragment=defragment))


@app.command()
def engine(
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of its commands and notices.")
    ] = False,
) -> None:
    """Run the sync engine without a window: JSON lines on its standard input drive it, notices come on its output."""
    if schema:
        from inspector.engine.channel import channel_schema

        typer.echo(msgspec.json.format(msgspec.json.encode(channel_schema())).decode())
        raise typer.Exit
    from inspector.engine.main import main as run_engine

    raise typer.Exit(run_engine())


def main() -> NoReturn:
    """The `inspector` command: an error is one sentence on stderr and an exit code above 0."""
    try:
        app()
    except InspectorError as error:
        sys.stderr.write(f"{error}\n")
        _leave(1)
    except KeyboardInterrupt:
        _leave(130)
    _leave(0)


def _leave(code: int) -> NoReturn:
    sys.exit(code)


def _show(
    start: Start,
    title: str,
    headless: bool,
    as_json: bool,
    until_synced: bool,
    screenshot: Path | None,
    size: str,
    theme: str | None,
    *,
    service: "ServiceHandle | None" = None,
) -> int:
    if (as_json or until_synced) and not headless:
        raise SettingsError("--json and --until-synced belong to --headless.", next_step="Add --headless.")
    if headless:
        from inspector.cli.follow import follow

        return follow(start, as_json=as_json, until_synced=until_synced)
    from inspector.ui.app import LiveSource, run_window

    source = LiveSource(start=start, title=title, demo=service is not None, service=service)
    return run_window(source, screenshot=screenshot, size=_size(size), theme=theme)


def _demo_of_one(
    user: str,
    headless: bool,
    as_json: bool,
    until_synced: bool,
    screenshot: Path | None,
    size: str,
    theme: str | None,
) -> int:
    from inspector.cli.demo import demo_start
    from inspector.cli.service_process import service_process

    with passing_session() as files, service_process(*_kept_in(files)) as service:
        start = demo_start(service.ready, user, files.client_database.parent)
        return _show(start, "Demo service", headless, as_json, until_synced, screenshot, size, theme, service=service)


def _demo_of_two(*, story: bool, screenshot: Path | None, size: str, theme: str | None) -> int:
    from inspector.cli.demo import NAMES, demo_start, play_story
    from inspector.cli.service_process import service_process

    with passing_session() as files, service_process("--no-writer", "--groceries", *_kept_in(files)) as service:
        folder = files.client_database.parent
        if story:
            return play_story(service.ready, folder)
        from inspector.ui.app import ClientsSource, LiveSource, run_window

        clients = tuple(
            LiveSource(demo_start(service.ready, name.lower(), folder), "Demo service", True, name, service)
            for name in NAMES
        )
        return run_window(ClientsSource(clients), screenshot=screenshot, size=_size(size), theme=theme)


def _kept_in(files: SessionFiles) -> tuple[str, str]:
    """The service's rows in the session's folder, so that a service that is started again has them."""
    return "--storage", str(files.client_database.with_name("service.db"))


def _start(
    endpoint: str,
    credentials: CredentialSource,
    files: SessionFiles,
) -> Start:
    return Start(
        endpoint=endpoint,
        credentials=credentials,
        client_database=str(files.client_database),
        capture=str(files.capture),
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if width.isdigit() and height.isdigit() and int(width) >= 640 and int(height) >= 400:
        return int(width), int(height)
    raise SettingsError(f"“{text}” is no window size.", next_step="Give it like 1440x900; 640x400 is the smallest.")

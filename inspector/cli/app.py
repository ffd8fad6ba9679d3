"""The commands. Each turns its options into a source, and shows it in a window or in the terminal.

What a command needs is imported when it runs: a terminal wants no Qt, an engine no service.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from inspector import __version__
from inspector.cli.sessions import SessionFiles, kept_session, passing_session
from inspector.engine.control import (
    CredentialSource,
    Start,
    StaticToken,
    TokenCommand,
    TokenEndpoint,
    TokenFile,
)
from inspector.engine.endpoint import service_address
from inspector.engine.errors import SettingsError
from inspector.protocol.errors import InspectorError

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
    user: Annotated[str, typer.Option(help="Whom to sync as: alice or bob.")] = "alice",
    headless: Headless = False,
    as_json: Json = False,
    until_synced: UntilSynced = False,
    screenshot: Screenshot = None,
    size: Size = "1440x900",
    theme: Theme = None,
) -> None:
    """Start the embedded service, a client that syncs from it, and the window."""
    from inspector.cli.service_process import running_service

    with running_service() as service, passing_session() as files:
        credentials = TokenEndpoint(f"{service.endpoint}/api/credentials?user={user}")
        start = _start(service.endpoint, credentials, files)
        code = _show(start, "Demo service", headless, as_json, until_synced, screenshot, size, theme, is_demo=True)
    raise typer.Exit(code)


@app.command()
def connect(
    endpoint: Annotated[str, typer.Argument(help="Address of the PowerSync service, like https://sync.example.com.")],
    token: Annotated[str | None, typer.Option(help="A JSON web token. Other users of this machine can see it.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file that holds a token; read again when needed.")] = None,
    token_command: Annotated[str | None, typer.Option(help="A shell command that prints a token.")] = None,
    token_endpoint: Annotated[str | None, typer.Option(help="A web address that answers {endpoint, token}.")] = None,
    database: Annotated[
        Path | None, typer.Option(help="The client database to sync into; made anew if absent.")
    ] = None,
    capture: Annotated[Path | None, typer.Option(help="The file to record the stream in.")] = None,
    parameters: Annotated[str | None, typer.Option(help="Connection parameters, as a JSON object.")] = None,
    headless: Headless = False,
    as_json: Json = False,
    until_synced: UntilSynced = False,
    screenshot: Screenshot = None,
    size: Size = "1440x900",
    theme: Theme = None,
) -> None:
    """Sync from a PowerSync service and watch it."""
    credentials = _credentials(token, token_file, token_command, token_endpoint)
    address = service_address(endpoint)
    start = _start(address, credentials, kept_session(address, database, capture), _parameters(parameters))
    raise typer.Exit(_show(start, "", headless, as_json, until_synced, screenshot, size, theme))


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
def service(
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    storage: Annotated[Path | None, typer.Option(help="Where to keep its data; without it they go at the end.")] = None,
    writer: Annotated[bool, typer.Option(help="Change a row about once a second.")] = True,
    seed: Annotated[int, typer.Option(help="The demo data's seed.")] = 1,
    token_seconds: Annotated[int, typer.Option(help="How long the demo users' tokens live.")] = 3600,
    stop_with_parent: Annotated[bool, typer.Option("--stop-with-parent", hidden=True)] = False,
) -> None:
    """Run the embedded service alone; it prints its address and its demo users as one line of JSON."""
    from inspector.service.run import ServiceOptions, serve

    options = ServiceOptions(
        host=host,
        port=port,
        storage=storage,
        writer=writer,
        seed=seed,
        token_seconds=token_seconds,
        stop_with_parent=stop_with_parent,
    )
    serve(options, on_ready=lambda ready: print(msgspec.json.encode(ready).decode(), flush=True))


@app.command(hidden=True)
def engine() -> None:
    """The engine process; it is driven over its standard input (inspector/engine/control.py)."""
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
    is_demo: bool = False,
) -> int:
    if (as_json or until_synced) and not headless:
        raise SettingsError("--json and --until-synced belong to --headless.", next_step="Add --headless.")
    if headless:
        from inspector.cli.follow import follow

        return follow(start, as_json=as_json, until_synced=until_synced)
    from inspector.ui.app import LiveSource, run_window

    source = LiveSource(start=start, title=title, demo=is_demo)
    return run_window(source, screenshot=screenshot, size=_size(size), theme=theme)


def _start(
    endpoint: str,
    credentials: CredentialSource,
    files: SessionFiles,
    parameters: dict[str, object] | None = None,
) -> Start:
    return Start(
        endpoint=endpoint,
        credentials=credentials,
        client_database=str(files.client_database),
        capture=str(files.capture),
        parameters=parameters,
    )


def _credentials(
    token: str | None, token_file: Path | None, token_command: str | None, token_endpoint: str | None
) -> CredentialSource:
    makers: list[tuple[object, Callable[[], CredentialSource]]] = [
        (token, lambda: StaticToken(str(token))),
        (token_file, lambda: TokenFile(str(token_file))),
        (token_command, lambda: TokenCommand(str(token_command))),
        (token_endpoint, lambda: TokenEndpoint(str(token_endpoint))),
    ]
    given = [make for value, make in makers if value is not None]
    if not given and (kept := os.environ.get("INSPECTOR_TOKEN")):
        return StaticToken(kept)
    if len(given) != 1:
        raise SettingsError(
            "The service needs a token." if not given else "More than one source of tokens is given.",
            next_step="Give one of --token-file, --token-command, --token-endpoint, --token and the variable INSPECTOR_TOKEN.",
        )
    return given[0]()


def _parameters(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except msgspec.MsgspecError as error:
        raise SettingsError(
            "The connection parameters are no JSON object.",
            why=f"{error}.",
            next_step='Give them like --parameters \'{"project": "p1"}\'.',
        ) from error


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if width.isdigit() and height.isdigit() and int(width) >= 640 and int(height) >= 400:
        return int(width), int(height)
    raise SettingsError(f"“{text}” is no window size.", next_step="Give it like 1440x900; 640x400 is the smallest.")

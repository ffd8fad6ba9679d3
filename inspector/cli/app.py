"""The commands. Each turns its options into a source, and shows it in a window or in the terminal.

What a command needs is imported when it runs: a terminal wants no Qt, an engine no service.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from inspector import __version__
from inspector.cli.connect_command import connect
from inspector.cli.demo_sessions import demo_of_one, demo_of_two
from inspector.cli.service_command import service
from inspector.cli.showing import Headless, Json, Screenshot, Size, Theme, UntilSynced, window_size
from inspector.engine.errors import SettingsError

app = typer.Typer(
    help="A desktop inspector for the PowerSync sync protocol.",
    add_completion=False,
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Start the embedded service, two clients side by side that share a list, and the window."""
    if story and (user or as_json or until_synced):
        raise SettingsError("--story has clients and an output of its own.", next_step="Leave the other options out.")
    if user or (headless and not story):
        code = demo_of_one(user or "alice", headless, as_json, until_synced, screenshot, size, theme)
    else:
        code = demo_of_two(story=headless, screenshot=screenshot, size=size, theme=theme)
    raise typer.Exit(code)


app.command()(connect)


@app.command("open")
def open_command(
    file: Annotated[Path, typer.Argument(help="A client database or a capture. It is not changed.")],
    screenshot: Screenshot = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Show a client database or a capture."""
    from inspector.ui.app import FileSource, run_window

    raise typer.Exit(run_window(FileSource(file), screenshot=screenshot, size=window_size(size), theme=theme))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="file", help="A client database or a capture. It is not changed.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every check.")] = False,
) -> None:
    """Print what is wrong with a client database or a capture; exit 3 if anything is more than a hint."""
    from inspector.cli.check_command import check_file

    raise typer.Exit(check_file(file, as_json=as_json))


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
    between: Annotated[
        bool,
        typer.Option(
            "--between", help="Also what happened between the frames: uploads, events, requests and ends of streams."
        ),
    ] = False,
) -> None:
    """Write frames of a capture as NDJSON, CSV or an HTTP archive."""
    from inspector.cli.export_command import export_capture

    export_capture(capture, filter_text, form, output, between=between)


app.command()(service)


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

"""`inspector service`: the embedded service alone."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from inspector.engine.errors import SettingsError
from inspector.words import plural


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

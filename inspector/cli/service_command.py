"""`inspector service`: the embedded service alone."""

import msgspec
import typer

from inspector.cli.service_options import (
    Audience,
    CompactEvery,
    Config,
    Database,
    Fault,
    Groceries,
    Host,
    Jwks,
    ListFaults,
    MostBuckets,
    MostStreams,
    Port,
    RejectConflicts,
    RemoveTriggers,
    Seed,
    StopWithParent,
    Storage,
    TokenSeconds,
    UploadDelay,
    Writer,
)
from inspector.engine.errors import SettingsError
from inspector.words import plural


def service(
    port: Port = 8090,
    host: Host = "127.0.0.1",
    storage: Storage = None,
    writer: Writer = True,
    seed: Seed = 1,
    token_seconds: TokenSeconds = 3600,
    reject_conflicts: RejectConflicts = False,
    upload_delay: UploadDelay = 0,
    fault: Fault = None,
    list_faults: ListFaults = False,
    groceries: Groceries = False,
    config: Config = None,
    database: Database = None,
    jwks: Jwks = None,
    audience: Audience = None,
    remove_triggers: RemoveTriggers = False,
    most_streams: MostStreams = 200,
    most_buckets: MostBuckets = 1000,
    compact_every: CompactEvery = None,
    stop_with_parent: StopWithParent = False,
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

"""The options of `inspector service`, as they are written and explained."""

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Storage = Annotated[Path | None, typer.Option(help="Where to keep its data; without it they go at the end.")]
Writer = Annotated[bool, typer.Option(help="Change a row about once a second.")]
Seed = Annotated[int, typer.Option(help="The demo data's seed.")]
TokenSeconds = Annotated[int, typer.Option(help="How long the demo users' tokens live.")]
RejectConflicts = Annotated[
    bool,
    typer.Option(
        "--reject-conflicts", help="The backend answers 409 to a write whose row was changed; else the last wins."
    ),
]
UploadDelay = Annotated[float, typer.Option(min=0, max=60, help="Seconds before the backend answers.")]
Fault = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:PARAMETER=VALUE,…]", help="Inject a fault, or a preset, until it is lifted. Repeatable."
    ),
]
ListFaults = Annotated[bool, typer.Option("--list-faults", help="Print what --fault takes, and exit.")]
Groceries = Annotated[bool, typer.Option("--groceries", help="Add the short list that the story plays with.")]
Config = Annotated[
    Path | None,
    typer.Option(help="Sync streams in YAML (edition 3, a subset), to serve --database instead of the demo."),
]
Database = Annotated[
    Path | None, typer.Option(help="An SQLite database of your own. Triggers are added to it, to see changes.")
]
Jwks = Annotated[
    Path | None, typer.Option(help="A JWK set: tokens that your own backend signs with these keys are taken too.")
]
Audience = Annotated[list[str] | None, typer.Option(help="An audience (aud) to take besides the address. Repeatable.")]
RemoveTriggers = Annotated[
    bool, typer.Option("--remove-triggers", help="Remove what was added to --database, and exit.")
]
MostStreams = Annotated[int, typer.Option(min=1, help="Open streams at once; more are answered 429.")]
MostBuckets = Annotated[int, typer.Option(min=1, help="Buckets of one stream; more are refused.")]
CompactEvery = Annotated[
    float | None,
    typer.Option(min=1, help="Compact so often, in seconds; without it only “inspector compact” does."),
]
StopWithParent = Annotated[bool, typer.Option("--stop-with-parent", hidden=True)]

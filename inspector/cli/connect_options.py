"""The options of `inspector connect`, as they are written and explained."""

from pathlib import Path
from typing import Annotated

import typer

Endpoint = Annotated[
    str,
    typer.Argument(
        help="Address of the PowerSync service, like https://sync.example.com. Without one, the address that comes"
        " with the token is used.",
    ),
]
Token = Annotated[str | None, typer.Option(help="A JSON web token. Other users of this machine can see it.")]
TokenFile = Annotated[Path | None, typer.Option(help="A file that holds a token; read again when needed.")]
TokenCommand = Annotated[str | None, typer.Option(help="A shell command that prints a token.")]
TokenEndpoint = Annotated[str | None, typer.Option(help="A web address that answers {endpoint, token}.")]
DevKey = Annotated[
    Path | None,
    typer.Option(help="Sign tokens with this private key (PEM or JWK; RS256, ES256, EdDSA), for development."),
]
DevSecretFile = Annotated[
    Path | None, typer.Option(help="Sign tokens with the HS256 secret in this file (text or JWK), for development.")
]
DevUser = Annotated[str | None, typer.Option(help="With a --dev key: whom the tokens are for (sub).")]
DevKeyId = Annotated[str, typer.Option(help="With a --dev key: its id (kid); a JWK has its own.")]
DevAudience = Annotated[
    list[str] | None,
    typer.Option(help="With a --dev key: the audience (aud), instead of the endpoint. Repeatable."),
]
DevLifetime = Annotated[int, typer.Option(min=1, help="With a --dev key: how long tokens live, in seconds.")]
DevClaims = Annotated[str | None, typer.Option(help="With a --dev key: further claims, as a JSON object.")]
Database = Annotated[
    Path | None,
    typer.Option(
        help="The client database to sync into; made anew if absent. One of an older version is copied first."
    ),
]
MigrateInPlace = Annotated[
    bool,
    typer.Option(
        "--migrate-in-place",
        help="Migrate a --database of an older schema version itself: its app has to know the newer one.",
    ),
]
Capture = Annotated[Path | None, typer.Option(help="The file to record the stream in.")]
Parameters = Annotated[str | None, typer.Option(help="Connection parameters, as a JSON object.")]
AppMetadata = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="Metadata for the service's logs. Repeatable.")
]
Subscribe = Annotated[
    list[str] | None,
    typer.Option(metavar="STREAM", help='A stream, like list_todos{"list":"list-7"}. Repeatable.'),
]
DefaultStreams = Annotated[
    bool, typer.Option("--default-streams/--no-default-streams", help="Subscribe to the default streams.")
]
Schema = Annotated[
    Path | None, typer.Option(help="The app's schema as JSON; without it, columns are those seen in the data.")
]
UploadUrl = Annotated[
    str | None, typer.Option(help="Upload local writes by POST to this address. Without an option they are held.")
]
UploadCommand = Annotated[
    str | None, typer.Option(help="Upload local writes with this shell command, one transaction each.")
]
CheckpointRequests = Annotated[
    bool, typer.Option("--checkpoint-requests", help="Confirm uploads by checkpoint requests, not the legacy way.")
]
Ca = Annotated[
    Path | None, typer.Option(help="Certificates (PEM) to trust besides the usual ones, also at --token-endpoint.")
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Do not check TLS certificates: anybody between can listen and change.")
]

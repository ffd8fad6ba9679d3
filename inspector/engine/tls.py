"""Which TLS certificates are trusted: the usual ones, those of a file besides, or, said loudly, any."""

from pathlib import Path
from typing import TYPE_CHECKING

from inspector.engine.errors import SettingsError

if TYPE_CHECKING:
    import ssl

INSECURE_WARNING = (
    "TLS certificates are not checked: whoever is between this machine and the service can read the token"
    " and change what is shown. Use --ca with the service's certificate instead of --insecure."
)


def tls_context(ca_file: str = "", *, insecure: bool = False) -> "ssl.SSLContext":
    """What httpx takes as `verify`; raises SettingsError for a file without certificates."""
    import httpx  # the command line, which names this module's warning, starts sooner without it

    context = httpx.create_ssl_context(verify=not insecure)
    if ca_file:
        _trust(context, Path(ca_file).expanduser())
    return context


def _trust(context: "ssl.SSLContext", file: Path) -> None:
    import ssl

    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError as error:
        raise SettingsError(
            f"The certificate file {file.name} holds no certificate.",
            why="Certificates in PEM form are expected, between BEGIN CERTIFICATE and END CERTIFICATE.",
            next_step="Give the certificate of the authority that signed the service's, or the service's own.",
        ) from error
    except OSError as error:
        raise SettingsError(
            f"The certificate file {file.name} cannot be read.",
            why=f"The system says: {error.strerror}.",
            next_step="Check its path and its permissions.",
        ) from error

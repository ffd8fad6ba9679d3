"""What whoever starts the service has to know about it, in words."""

from inspector.service.database.triggers import PREFIX
from inspector.service.http import is_loopback
from inspector.service.options import ServiceOptions


def notices(options: ServiceOptions) -> list[str]:
    """Sentences about these options; none for the demo on this machine."""
    return [*_about_host(options.host), *_about_database(options)]


def _about_host(host: str) -> list[str]:
    if is_loopback(host):
        return []
    return [
        f"WARNING: this service listens on {host}, so other machines reach it. Whoever does gets a token for any of its"
        " users without a password, can read and change all rows, and nothing is encrypted. It is made for one"
        " developer's machine: for more than one, use a real PowerSync deployment."
    ]


def _about_database(options: ServiceOptions) -> list[str]:
    if options.database is None:
        return []
    return [
        f"{options.database} is watched with triggers, which the service added to it; their names begin with {PREFIX}."
        " They stay when the service stops, so that it learns what changed meanwhile. To remove them:"
        f" inspector service --database {options.database} --remove-triggers"
    ]

"""What a service's error answer says, in words, with the next step (protocol §1, errors)."""

import re
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from inspector.protocol.errors import InspectorError


class _Body(Struct, frozen=True):
    code: str = ""
    description: str = ""
    details: str = ""


class _Envelope(Struct, frozen=True):
    error: _Body


class ServiceRefusal(InspectorError):
    """The service answered with an error status. `code` is like `PSYNC_S2103`, empty when it gave none."""

    def __init__(self, what: str, *, status: int, code: str = "", why: str = "", next_step: str = "") -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.status = status
        self.code = code
        self.headers: tuple[tuple[str, str], ...] = ()
        """Of the answer, names in lower case; empty where nobody kept them."""
        self.mislabelled = False
        """Its body is plain text, and its headers say that it is compressed."""

    @property
    def about_token(self) -> bool:
        """The token is not accepted: fetch another before the next try."""
        return self.status == 401


@dataclass(frozen=True, slots=True)
class _Meaning:
    what: str
    next_step: str
    at_endpoint: str = ""
    """What depends on the service's address, which stands for `{}`."""


_REFUSED = "The service refuses the token."
_MEANINGS = {
    "PSYNC_S2001": _Meaning("The service refuses the request.", "Look at the request in the capture."),
    "PSYNC_S2002": _Meaning(
        "The service has no such path.", "Check the endpoint: it is the service's address without a path."
    ),
    "PSYNC_S2003": _Meaning("The service is shutting down.", "The next try comes by itself."),
    "PSYNC_S2101": _Meaning(_REFUSED, "Check that it was signed for this service, with a key that the service knows."),
    "PSYNC_S2102": _Meaning(_REFUSED, "Check the service's authentication settings and the token's key."),
    "PSYNC_S2103": _Meaning(_REFUSED, "Get a new token from the same place as this one."),
    "PSYNC_S2104": _Meaning(_REFUSED, "Issue tokens that live for at most 24 hours."),
    "PSYNC_S2105": _Meaning(
        _REFUSED,
        "Issue the token with an audience that the service is configured to accept.",
        "What a service usually accepts is its own address, here {}.",
    ),
    "PSYNC_S2106": _Meaning("The service wants a token.", "Give one with --token, --token-file or --token-command."),
    "PSYNC_S2302": _Meaning(
        "The service has no sync config yet.", "Deploy one, or wait until its first replication is done."
    ),
    "PSYNC_S2304": _Meaning(
        "The service has too many connections.", "Close other clients; the next try comes by itself."
    ),
    "PSYNC_S2305": _Meaning(
        "The user has too many buckets.", "Narrow the streams' parameters; the default limit is 1,000 buckets a user."
    ),
}

_TOO_MANY_RESULTS = _Meaning(
    "The user's parameter queries bring too many rows.",
    "Narrow the parameter queries: rows that later conditions exclude count, too; the default limit is 1,000.",
)
_FOREIGN = "Check the endpoint: it is the PowerSync service's address, without a path."
_FOREIGN_401 = "Check the token, and whether a proxy before the service asks for a login of its own."
_GATEWAY = "Look whether the service behind the endpoint runs: a gateway answers so while it reaches none."
_GATEWAY_STATUSES = (502, 503, 504)

_MAX_DESCRIPTION = 300
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_decoder = msgspec.json.Decoder(_Envelope)


def refusal(status: int, content_type: str, body: bytes) -> ServiceRefusal:
    """The error answer `status` with `body`, as an error for people; what is no answer of a service is said so."""
    try:
        error = _decoder.decode(body).error
    except msgspec.MsgspecError:
        return _foreign(status, content_type)
    meaning = _meaning(status, error.code, error.description)
    description = _sentence(error.description)
    if error.details and error.code != "PSYNC_S2002":
        description = f"{description} {_sentence(error.details)}".strip()
    known = f"It answers {status} {error.code.removeprefix('PSYNC_')}".rstrip()
    why = f"{known}: {description}" if description else f"{known}."
    return ServiceRefusal(meaning.what, status=status, code=error.code, why=why, next_step=meaning.next_step)


def elsewhere(status: int, location: str) -> ServiceRefusal:
    """A redirection to `location`, an address without query, that is not followed: the token is for the endpoint."""
    return ServiceRefusal(
        "The endpoint sends on to another address.",
        status=status,
        why=f"It answers {status} and names {location[:_MAX_DESCRIPTION]}; a token is not passed on to another server.",
        next_step="If that is the service, give its address as the endpoint.",
    )


def next_step_of(status: int, code: str, said: str = "", *, foreign: bool) -> str:
    """What to do about an error answer with a code like `PSYNC_S2103`, which says `said`.

    `foreign`: no service has written it.
    """
    if not foreign:
        return _meaning(status, code, said).next_step
    if status == 401:
        return _FOREIGN_401
    return _GATEWAY if status in _GATEWAY_STATUSES else _FOREIGN


def at_endpoint(code: str, endpoint: str) -> str:
    """What there is to say of an error code at this very address; empty where it does not matter."""
    meaning = _MEANINGS.get(code)
    return meaning.at_endpoint.format(endpoint) if meaning is not None else ""


def _meaning(status: int, code: str, said: str) -> _Meaning:
    """S2001 stands for a bad request and for whatever fails inside the service, S2305 for two limits."""
    if code == "PSYNC_S2305" and "parameter" in said.lower():
        return _TOO_MANY_RESULTS
    known = None if code == "PSYNC_S2001" and status >= 500 else _MEANINGS.get(code)
    return known or _general(status)


def _general(status: int) -> _Meaning:
    if status == 401:
        return _Meaning(_REFUSED, "Check the token and the service's authentication settings.")
    if status >= 500:
        return _Meaning(
            "The service has an error of its own.", "Look at the service's log; the next try comes by itself."
        )
    return _Meaning("The service refuses the request.", "Check the endpoint and the request.")


def _foreign(status: int, content_type: str) -> ServiceRefusal:
    """An error that a PowerSync service does not write: a proxy's or another program's."""
    kind = content_type.partition(";")[0].strip() or "no content type"
    if status == 401:
        return ServiceRefusal(
            _REFUSED,
            status=status,
            why=f"The answer is 401 with {kind}; it carries no error code of a PowerSync service.",
            next_step=next_step_of(status, "", foreign=True),
        )
    return ServiceRefusal(
        f"The endpoint answers {status}, and not as a PowerSync service does.",
        status=status,
        why=f"The answer is {kind} without an error code, so another program or a proxy gave it.",
        next_step=next_step_of(status, "", foreign=True),
    )


def _sentence(text: str) -> str:
    cleaned = _JWT.sub("<token>", " ".join(text.split()))
    if len(cleaned) > _MAX_DESCRIPTION:
        cleaned = f"{cleaned[:_MAX_DESCRIPTION].rstrip()}…"
    return cleaned if not cleaned or cleaned.endswith((".", "…")) else f"{cleaned}."

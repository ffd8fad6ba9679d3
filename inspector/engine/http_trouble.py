"""What went wrong with a connection, in sentences: the errors of the HTTP library as our own."""

import re

import httpx

from inspector.engine.bounded_client import AnswerTooLarge, DecompressionBomb
from inspector.engine.errors import ConnectionTrouble
from inspector.engine.silence import SILENCE_SECONDS

CONNECT_SECONDS = 15.0
_NO_TLS = (
    "wrong version number",
    "wrong_version_number",
    "record layer failure",
    "http_request",
    "packet length too long",
)
_PLACE_IN_LIBRARY = re.compile(r"^\[SSL: \w+\] | ?\(_ssl\.c:\d+\)$")


def trouble_of(error: httpx.HTTPError, peer: str, proxy: str = "") -> ConnectionTrouble:
    """An HTTP library's error as an error for people; `peer` names the other side, `proxy` what is between."""
    refused_by_proxy = isinstance(error, httpx.ProxyError)
    unreachable = isinstance(error, httpx.ConnectTimeout | httpx.ConnectError) and not _is_about_tls(error)
    if refused_by_proxy or (proxy and unreachable):
        return _trouble_with_proxy(error, proxy)
    match error:
        case httpx.ConnectTimeout():
            return ConnectionTrouble(
                f"The {_named(peer)} does not answer.",
                why=f"No connection came about within {CONNECT_SECONDS:.0f} s.",
                next_step="Check the endpoint, the network and a firewall between.",
            )
        case httpx.ConnectError():
            return _unreachable(error, peer)
        case httpx.ReadTimeout():
            return ConnectionTrouble(
                "The connection has gone silent.",
                why=f"Nothing came for {SILENCE_SECONDS:.0f} s, not even a keepalive.",
                next_step="It is opened again; check that no proxy between holds the answer back.",
            )
        case DecompressionBomb():
            return ConnectionTrouble(
                "The compression of an answer is a trap.",
                why=f"{reason(error)}: no service compresses like that.",
                next_step="Check the address, and what stands between this machine and it.",
            )
        case AnswerTooLarge():
            return ConnectionTrouble(
                "An answer is too large to be read.",
                why=f"{reason(error)}, where a few bytes are expected.",
                next_step="Check the address, and what stands between this machine and it.",
            )
        case httpx.DecodingError():
            return ConnectionTrouble(
                "The stream's compression is broken.",
                why="The bytes do not decompress: the stream was cut, or something between altered it.",
                next_step="The connection is opened again from what is already stored.",
            )
        case _:
            return ConnectionTrouble(
                "The connection was lost.",
                why=_how_it_was_lost(error),
                next_step="It is opened again from what is already stored.",
            )


def _how_it_was_lost(error: httpx.HTTPError) -> str:
    said = str(error).lower()
    if "peer closed connection" in said or "connection reset" in said:
        return "It broke off in the middle of an answer: the service ended, or something between cut it."
    if "disconnected without sending" in said:
        return "It was closed before an answer came: the service ended, or something between does not let it through."
    return f"{reason(error)}."


def _trouble_with_proxy(error: httpx.HTTPError, proxy: str) -> ConnectionTrouble:
    next_step = "Check the proxy settings of this machine: HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
    if isinstance(error, httpx.ProxyError):
        return ConnectionTrouble(
            f"The proxy at {proxy or 'an unknown address'} does not let the connection through.",
            why=f"It says: {reason(error)}.",
            next_step=next_step,
        )
    return ConnectionTrouble(
        f"The proxy at {proxy} cannot be reached.",
        why="The system's settings put it before every connection.",
        next_step=next_step,
    )


def _unreachable(error: httpx.ConnectError, peer: str) -> ConnectionTrouble:
    text = str(error).lower()
    if any(words in text for words in _NO_TLS):
        return ConnectionTrouble(
            f"The {_named(peer)} does not speak TLS.",
            why="Something answers at this address and port, and not in the language of https.",
            next_step="Begin the address with http://, or give the port at which it speaks https.",
        )
    if _is_about_tls(error):
        return ConnectionTrouble(
            f"The {_named(peer)} cannot prove who it is.",
            why=f"Its TLS certificate is not accepted: {reason(error)}.",
            next_step="Check the address and the certificate; give one that is not public to the dialog or --ca.",
        )
    if any(words in text for words in ("name or service", "nodename", "getaddrinfo", "resolve", "no address")):
        return ConnectionTrouble(
            f"The {_named(peer)} cannot be found.",
            why="No address is known for this host name.",
            next_step="Check the spelling of the endpoint and the network.",
        )
    return ConnectionTrouble(
        f"The {_named(peer)} cannot be reached.",
        why="Nothing accepts connections at this address and port.",
        next_step="Check the endpoint, and that the service runs.",
    )


def _is_about_tls(error: httpx.HTTPError) -> bool:
    text = str(error).lower()
    return "certificate" in text or "ssl" in text


def _named(peer: str) -> str:
    return f"service at {peer}" if ":" in peer or "." in peer else peer


def reason(error: Exception) -> str:
    """The first sentence of a library's message, without addresses of objects."""
    text = _PLACE_IN_LIBRARY.sub("", " ".join(str(error).split())).rstrip(".")
    return text[:200] if text else type(error).__name__

"""Answers that name another address: followed as the official clients do, with the token on one server only."""

import httpx

MOST = 5
"""Redirections one after the other."""
_KEEP_METHOD = (307, 308)
_TURN_TO_GET = (301, 302, 303)


def onward(answer: httpx.Response) -> str | None:
    """Where to ask again: the address that an answer names on the same server, for the same kind of request."""
    request = answer.request
    follows = answer.status_code in _KEEP_METHOD or (answer.status_code in _TURN_TO_GET and request.method == "GET")
    named = location(answer)
    if not follows or named is None or _server(named) != _server(request.url):
        return None
    return str(named)


def location(answer: httpx.Response) -> httpx.URL | None:
    """The address that an answer with a status of 3xx names; None where it names none."""
    text = answer.headers.get("location", "")
    if not text or not 300 <= answer.status_code < 400:
        return None
    try:
        return answer.request.url.join(text)
    except (httpx.InvalidURL, ValueError):
        return None


def shown(address: httpx.URL) -> str:
    """An address for people, without what may be secret."""
    return str(address.copy_with(query=None, fragment=None, userinfo=b""))


def _server(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port

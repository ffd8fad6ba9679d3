"""What whoever runs the service may order: compacting and defragmenting. No part of the real service."""

from starlette.requests import Request
from starlette.responses import Response

from inspector.service.errors import backend_refusal
from inspector.service.http import is_local_name, is_loopback, json_answer, state_of


async def compact(request: Request) -> Response:
    """Compacts all buckets; answers with the numbers of operations before and after."""
    _require_this_machine(request)
    return json_answer(await state_of(request).compaction.compact())


async def defragment(request: Request) -> Response:
    """Touches rows so that all buckets can be compacted to one operation a row and a few more."""
    _require_this_machine(request)
    return json_answer(await state_of(request).compaction.defragment())


def _require_this_machine(request: Request) -> None:
    """A program on this machine, and no web page that reaches it through a browser here."""
    address = request.client.host if request.client is not None else ""
    if not is_loopback(address) or not is_local_name(request.url.hostname):
        raise backend_refusal(403, "FORBIDDEN", "Orders to the service are taken from this machine only.")
    if "origin" in request.headers:
        raise backend_refusal(403, "FORBIDDEN", "Orders to the service are not taken from web pages.")

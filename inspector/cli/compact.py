"""`inspector compact`: an order to an embedded service that runs on this machine."""

import httpx
import msgspec

from inspector.engine.endpoint import host_of, service_address
from inspector.engine.http_trouble import trouble_of
from inspector.protocol.errors import InspectorError
from inspector.service.compaction import Compacted
from inspector.words import plural, thousands

_TIMEOUT_SECONDS = 600


class CompactionRefused(InspectorError):
    """The service could not be told, or did not do it."""


def order_compaction(endpoint: str, *, defragment: bool) -> str:
    """What it came to, as a sentence; raises CompactionRefused."""
    url = f"{service_address(endpoint)}/admin/{'defragment' if defragment else 'compact'}"
    try:
        answer = httpx.post(url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        answer.raise_for_status()
        done = msgspec.json.decode(answer.content, type=Compacted)
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        raise CompactionRefused(
            f"The service at {endpoint} did not compact its buckets.",
            why=_reason(error, url),
            next_step="Only the embedded service (inspector service) takes this order, on the machine it runs on.",
        ) from error
    touched = f" {plural(done.touched, 'row')} will be sent to clients again." if done.touched else ""
    return f"{plural(done.operations_before, 'operation')} before, {thousands(done.operations_after)} now.{touched}"


def _reason(error: httpx.HTTPError | msgspec.MsgspecError, url: str) -> str:
    match error:
        case httpx.HTTPStatusError():
            return f"It answers {error.response.status_code}."
        case httpx.HTTPError():
            trouble = trouble_of(error, host_of(url))
            return f"{trouble.what} {trouble.why}"
        case _:
            return f"It answers something else: {error}."

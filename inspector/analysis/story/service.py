"""The demo's service as the story moves it: the app's backend, the fault lab and compacting, over HTTP."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from inspector.protocol.errors import InspectorError
from inspector.service.backend_settings import DEFAULT_SETTINGS, BackendSettings

if TYPE_CHECKING:
    import httpx

_SECONDS = 10.0


class ServiceTrouble(InspectorError):
    """The demo's service does not do as it is asked."""


class StoryService:
    """Asks one service; without the system's proxies, for it is on this machine."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def settle(self) -> None:
        """Lift all faults, and let the backend take uploads as it does at first."""
        self._post("/api/faults/lift-all", {})
        self.take_uploads()

    def take_uploads(self) -> None:
        """Let the backend take uploads as it does at first: at once, and the last write wins."""
        self.change_backend(DEFAULT_SETTINGS)

    def backend(self) -> BackendSettings:
        """How the backend takes uploads."""
        return _settings(self._ask("GET", "/api/backend"))

    def change_backend(self, settings: BackendSettings) -> BackendSettings:
        """Have the backend take uploads so from now on; what is in force then."""
        return _settings(self._ask("POST", "/api/backend", json=msgspec.to_builtins(settings)))

    def arm(self, fault: str, *, user: str = "", times: int | None = 1, **parameters: Any) -> None:
        """Have a fault strike `times` times, or until it is lifted, where `user` syncs."""
        self._post("/api/faults/arm", {"fault": fault, "user": user, "times": times, "parameters": parameters})

    def lift(self, fault: str) -> None:
        """End a fault."""
        self._post("/api/faults/lift", {"fault": fault})

    def compact(self) -> None:
        """Compact all buckets."""
        self._post("/admin/compact", {})

    def change(self, entries: Sequence[dict[str, Any]]) -> None:
        """Change rows of the app's own database, in one transaction."""
        if entries:
            token = self._ask("GET", "/api/credentials?user=alice").json()["token"]
            self._post("/api/data", {"batch": list(entries)}, {"Authorization": f"Token {token}"})

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._ask("POST", path, json=body, headers=headers)

    def _ask(self, method: str, path: str, **arguments: Any) -> "httpx.Response":
        import httpx  # the window that may play the story opens sooner without it

        try:
            with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
                answer = client.request(method, f"{self.endpoint}{path}", **arguments)
        except httpx.HTTPError as error:
            raise ServiceTrouble(
                "The demo's service does not answer.", why=f"{error}.", next_step="Start the demo again."
            ) from error
        if not answer.is_success:
            raise ServiceTrouble(f"The demo's service answers {answer.status_code} to {path}.", why=answer.text[:300])
        return answer


def _settings(answer: "httpx.Response") -> BackendSettings:
    return msgspec.json.decode(answer.content, type=BackendSettings)

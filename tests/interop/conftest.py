"""The official client for all tests here; without Node they are skipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.service.demo.config import TABLES
from tests.interop.npm_packages import installed_client, missing_program
from tests.interop.official_client import Opener, end_idle, official_client, sdk_schema
from tests.interop.recording_proxy import RecordingProxy, recording_proxy
from tests.running_service import ServiceUnderTest, running_service


@pytest.fixture(scope="session")
def client_script() -> Iterator[Path]:
    if (reason := missing_program()) is not None:
        pytest.skip(f"The official client needs Node.js and npm: {reason}")
    yield installed_client()
    end_idle()


@pytest.fixture
def official(client_script: Path) -> Opener:
    """Opens a client database with the official client and the demo's schema."""
    return lambda file: official_client(client_script, file, sdk_schema(TABLES))


@pytest.fixture
def service(client_script: Path) -> Iterator[ServiceUnderTest]:
    """The embedded service with the demo's rows."""
    with running_service() as running:
        yield running


@pytest.fixture
def proxy(service: ServiceUnderTest) -> Iterator[RecordingProxy]:
    """What clients connect to: the service, with everything noted."""
    with recording_proxy(service.endpoint) as running:
        yield running

"""One service for the tests of a file, with nothing armed at the beginning of each."""

from collections.abc import Iterator

import pytest

from tests.running_service import ServiceUnderTest, running_service


@pytest.fixture(scope="module")
def _shared() -> Iterator[ServiceUnderTest]:
    with running_service() as service:
        yield service


@pytest.fixture
def service(_shared: ServiceUnderTest) -> Iterator[ServiceUnderTest]:
    """The service, and its faults are lifted at the end."""
    yield _shared
    _shared.faults.order("lift-all").raise_for_status()

"""The service that a test asks for."""

from collections.abc import Iterator

import pytest

from tests.running_service import ServiceUnderTest, running_service


@pytest.fixture
def service() -> Iterator[ServiceUnderTest]:
    """A service of the test's own."""
    with running_service() as service:
        yield service


@pytest.fixture(scope="module")
def unchanged_service() -> Iterator[ServiceUnderTest]:
    """One service for all tests of a file that leave its rows and write checkpoints as they are."""
    with running_service() as service:
        yield service

"""The native core that comes with the official client's packages."""

from pathlib import Path

import pytest

from tests.interop.differential.native_core import native_library as library_among


@pytest.fixture(scope="session")
def native_library(client_script: Path) -> Path:
    """The file of the core; tests are skipped where there is none for this machine."""
    library = library_among(client_script.parent)
    if library is None:
        pytest.skip("The official client's packages have no native core for this machine.")
    return library

"""Whatever a service sends and an app does, our client says and holds what the official one does.

`DIFFERENTIAL_EXAMPLES` says how many random histories are played (120 by default).
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import inspector.store.database as database_module
from tests.interop.differential.acts import Act, acts
from tests.interop.differential.pair import Pair
from tests.interop.differential.schemas import APPS_TABLES, EVERYTHING, WITH_RAW_TABLES

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "120"))


def play(library: Path, script: list[Act], *, raw_tables: bool, mode: str) -> None:
    pair = Pair(library, WITH_RAW_TABLES if raw_tables else EVERYTHING, APPS_TABLES, checkpoint_mode=mode)
    try:
        for act in script:
            act.play(pair)
    finally:
        pair.close()


@pytest.mark.parametrize("at_once", [False, True], ids=["with-indexes", "first-sync-without"])
@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(st.lists(acts, max_size=10), st.booleans(), st.sampled_from(("legacy", "requests")))
def test_both_clients_do_the_same(
    native_library: Path, at_once: bool, script: list[Act], raw_tables: bool, mode: str
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(database_module, "_FIRST_SYNC_OPERATIONS", 1 if at_once else 10**9)
        play(native_library, script, raw_tables=raw_tables, mode=mode)

"""Whatever is wrong with a line, both clients read it, or both refuse it, and hold the same afterwards.

`SPOILED_LINES` says how many random lines are sent (300 by default).
"""

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.differential.pair import Pair
from tests.interop.differential.schemas import EVERYTHING
from tests.interop.differential.spoiled_lines import LINES, spoiled_lines

EXAMPLES = int(os.environ.get("SPOILED_LINES", "300"))
LINES_OF_A_STREAM = 15


@settings(
    max_examples=EXAMPLES // LINES_OF_A_STREAM,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(st.lists(st.tuples(spoiled_lines(), st.booleans()), min_size=LINES_OF_A_STREAM, max_size=LINES_OF_A_STREAM))
def test_a_spoiled_line_is_taken_by_both_or_by_none(native_library: Path, lines: list[tuple[str, bool]]) -> None:
    pair = Pair(native_library, EVERYTHING)
    try:
        for line, after_checkpoint in lines:
            if after_checkpoint and not pair.is_open:
                pair.line(LINES[0])
            pair.line(line)
    finally:
        pair.close()

"""The story: offline behaviour in steps, each of which says what happens, does it, and checks that it did.

Knows no window: it drives clients through the small protocol in `client.py`, so that the window and a headless run
play the same steps. Start reading at `steps.py`, then `scene.py`.
"""

from inspector.analysis.story.step import Step
from inspector.analysis.story.steps import STEPS

__all__ = ["STEPS", "Step"]

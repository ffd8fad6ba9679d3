"""The demo's clients, and the story played without a window."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from inspector.analysis.story import STEPS, Step
from inspector.analysis.story.scene import PATIENCE_SECONDS, Scene
from inspector.analysis.story.service import StoryService
from inspector.cli.engine_child import EngineChild
from inspector.engine.control import BackendUpload, Start, TokenEndpoint
from inspector.protocol.errors import InspectorError
from inspector.service.options import Ready
from inspector.words import elapsed, plural

NAMES = ("Alice", "Bob")


def demo_start(service: Ready, user: str, folder: Path) -> Start:
    """What the engine of one of the demo's users is told; its files are in `folder`."""
    schema = folder / "schema.json"
    schema.write_bytes(bytes(service.schema))
    return Start(
        service.endpoint,
        TokenEndpoint(f"{service.endpoint}/api/credentials?user={user}"),
        str(folder / f"{user}.db"),
        str(folder / f"{user}.pscapture"),
        schema_file=str(schema),
        uploads=BackendUpload(f"{service.endpoint}/api/data"),
    )


def play_story(service: Ready, folder: Path, steps: Sequence[Step] = STEPS, patience: float = PATIENCE_SECONDS) -> int:
    """Play every step on real engines and say what came true; 1 when a step did not do what it says.

    `patience` in s is how long each sentence may take to come true.
    """
    with _engines(service, folder) as (alice, bob):
        scene = Scene(alice, bob, StoryService(service.endpoint), told=_tell, patience=patience)
        begun = time.monotonic()
        for number, step in enumerate(steps, start=1):
            print(f"{number}. {step.title}", flush=True)
            try:
                step.play(scene)
            except InspectorError as error:
                sys.stderr.write(f"Step {number}, “{step.title}”, did not do what it says. {error}\n")
                return 1
        print(f"All {plural(len(steps), 'step')} did what they say, in {elapsed(time.monotonic() - begun)}.")
    return 0


def _tell(sentence: str) -> None:
    print(f"   ✓ {sentence}", flush=True)


@contextmanager
def _engines(service: Ready, folder: Path) -> Iterator[tuple[EngineChild, EngineChild]]:
    with ExitStack() as stack:
        alice, bob = (EngineChild(name, demo_start(service, name.lower(), folder)) for name in NAMES)
        stack.callback(alice.stop)
        stack.callback(bob.stop)
        yield alice, bob

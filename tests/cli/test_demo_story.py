"""The story as a self-test: a real service, two real engines, and every step held to what it says."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.analysis.story import STEPS, Step
from inspector.analysis.story.scene import Scene
from inspector.cli.demo import play_story
from inspector.cli.service_process import running_service
from inspector.store.app_schema import Column, read_schema
from tests.cli.test_headless import inspector

PATIENCE_SECONDS = 100


def test_every_step_of_the_story_does_what_it_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inspector", "demo", "--story", "--headless"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("   ")][:-1] == [
        f"{number}. {step.title}" for number, step in enumerate(STEPS, start=1)
    ]
    assert lines[-1].startswith(f"All {len(STEPS)} steps did what they say")
    assert sum(line.startswith("   ✓ ") for line in lines) > 4 * len(STEPS)


def test_a_step_that_does_not_do_what_it_says_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def promise(scene: Scene) -> None:
        scene.expect_now("Bob is there.", lambda: scene.bob.user == "bob")
        scene.expect("Alice is offline.", lambda: scene.alice.status.phase == "offline")

    steps = (_step("A fine step", lambda _: None), _step("A promise", promise), STEPS[-1])
    with running_service("--no-writer", "--groceries") as service:
        assert play_story(service, tmp_path, steps, patience=0.3) == 1
    output, errors = capsys.readouterr()
    assert output == "1. A fine step\n2. A promise\n   ✓ Bob is there.\n"
    assert errors.startswith("Step 2, “A promise”, did not do what it says. “Alice is offline.” did not come true.")


def _step(title: str, act: Callable[[Scene], None]) -> Step:
    return Step("promise", title, "", "", "Alice", (), act, short=title)


def test_the_story_needs_no_other_options() -> None:
    done = inspector("demo", "--story", "--headless", "--json")
    assert done.returncode == 1
    assert "--story has clients and an output of its own." in done.stderr


def test_the_service_tells_a_schema_that_its_clients_can_use(tmp_path: Path) -> None:
    with running_service("--no-writer") as service:
        (tmp_path / "schema.json").write_bytes(bytes(service.schema))
    tables = {table.name: table for table in read_schema(tmp_path / "schema.json").tables}
    assert set(tables) == {"lists", "todos", "notes"}
    assert Column("completed", "integer") in tables["todos"].columns
    assert tables["todos"].include_old is True

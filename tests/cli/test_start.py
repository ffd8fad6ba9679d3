"""What only opens a window does not wait for the library that reads options; everything else is read by it."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import inspector.ui.app as app
from inspector.cli import main
def show(source, **options):
    print(type(source).__name__, getattr(source, "path", ""), options.get("theme"), "typer" in sys.modules)
    return 7
app.run_window = show
main()
"""


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ((), "NoneType  None False"),
        (("open", "some file.db"), "FileSource some file.db None False"),
        (("open", "some file.db", "--theme", "dark"), "FileSource some file.db dark True"),
        (("open", "--theme=dark", "some file.db"), "FileSource some file.db dark True"),
    ],
)
def test_the_window_is_shown_and_its_exit_code_is_the_commands(arguments: tuple[str, ...], shown: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr, done.returncode) == (shown, "", 7)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("open",), "file"), (("open", "--thema"), "--thema"), (("opne", "x.db"), "opne"), (("a.db",), "a.db")],
)
def test_what_is_no_file_to_open_is_answered_with_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "inspector", *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr.lower()
    assert "Traceback" not in done.stderr

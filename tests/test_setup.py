"""`resources/run` in a small checkout of its own, whose project needs nothing from the network."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

RESOURCES = Path(__file__).parent.parent / "resources"
TOOLS = ["awk", "cat", "cksum", "dirname", "env", "flock", "grep", "id", "mkdir", "rm", "sh", "tr", "wc"]

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="resources/run is a shell script"),
    pytest.mark.xdist_group("setup"),  # one checkout serves all tests of this file
]

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "toy"
version = "1"

[project.optional-dependencies]
dev = []
"""

BACKEND = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(os.path.join(folder, "toy-1-py3-none-any.whl"), "w") as wheel:
        info = "toy-1.dist-info/"
        wheel.writestr("toy.pth", os.getcwd())
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: toy\\nVersion: 1\\nProvides-Extra: dev\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return "toy-1-py3-none-any.whl"
"""

TELL = "import json, os, sys; print(json.dumps([os.getcwd(), *sys.argv[1:]]))\n"


class Checkout:
    """A checkout in a folder with spaces, and a PATH on which only `bin` lies."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a check out"
        self.bin = folder / "bin"
        (self.root / "resources").mkdir(parents=True)
        for name in ("run", "debian-packages.txt"):
            shutil.copy(RESOURCES / name, self.root / "resources" / name)
        (self.root / "resources" / "constraints.txt").write_text("# none\n")
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        (self.root / "backend.py").write_text(BACKEND)
        for package in ("inspector", "pytest"):
            (self.root / package).mkdir()
            (self.root / package / "__main__.py").write_text(TELL)
        self.bin.mkdir()
        for tool in TOOLS:
            if where := shutil.which(tool):
                (self.bin / tool).symlink_to(where)
        # The interpreter that made this environment: what a person has on the PATH.
        (self.bin / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
        self.command("ldconfig", f"cat '{RESOURCES / 'debian-packages.txt'}'")
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        _pack_setuptools(self.wheels)

    def command(self, name: str, script: str) -> None:
        """Puts a command on the PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def start(self, *arguments: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        environment = {
            "PATH": str(self.bin),
            "HOME": str(self.bin),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
        }
        return subprocess.Popen(
            [self.root / "resources" / "run", *arguments],
            cwd=cwd or self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
        """The exit code, stdout and stderr."""
        process = self.start(*arguments, cwd=cwd)
        out, err = process.communicate()
        return process.returncode, out, err


def _pack_setuptools(folder: Path) -> None:
    """The installed setuptools as a wheel, so that the script's `pip install setuptools` needs no network."""
    try:
        distribution = metadata.distribution("setuptools")
    except metadata.PackageNotFoundError:
        pytest.skip("setuptools is not installed here")
    with zipfile.ZipFile(folder / f"setuptools-{distribution.version}-py3-none-any.whl", "w") as wheel:
        for file in distribution.files or ():
            if "__pycache__" not in file.parts:
                wheel.write(str(file.locate()), str(file))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Set up by two first runs at once, on what an interrupted one left behind."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout"))
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").symlink_to("gone")
    (checkout.root / ".venv" / "unfinished").touch()
    processes = [checkout.start("test", name) for name in ("first", "second")]
    answers = [process.communicate() for process in processes]
    assert [json.loads(out)[1] for out, _ in answers] == ["first", "second"], answers
    said = "".join(err for _, err in answers)
    if shutil.which("flock"):
        assert said.count("Creating the virtual environment") == 1
    yield checkout
    shutil.rmtree(checkout.root)


def test_a_second_run_says_nothing_and_passes_on_what_it_was_given(checkout: Checkout, tmp_path: Path) -> None:
    code, out, err = checkout.run("open", "a file.db", "--json", cwd=tmp_path)
    assert (code, json.loads(out), err) == (0, [str(tmp_path), "open", "a file.db", "--json"], "")


def test_tests_run_in_the_checkout_with_the_arguments_given(checkout: Checkout, tmp_path: Path) -> None:
    code, out, _ = checkout.run("test", "tests/store", "-x", cwd=tmp_path)
    assert (code, json.loads(out)) == (0, [str(checkout.root), "tests/store", "-x"])


def test_a_changed_project_is_installed_into_the_environment_that_is_there(checkout: Checkout) -> None:
    project, backend = checkout.root / "pyproject.toml", checkout.root / "backend.py"
    project.write_text(PYPROJECT + "# It needs what there is not.\n")
    backend.write_text(BACKEND.replace("Provides-Extra: dev", "Requires-Dist: no-such-package"))
    code, out, err = checkout.run("demo")
    assert (code, out) == (1, "")
    assert "no-such-package" in err
    assert err.endswith("Check the network and run this again.\n")

    backend.write_text(BACKEND)
    code, _, err = checkout.run("demo")
    assert code == 0
    assert "Installing the pinned packages" in err
    assert "Creating" not in err
    assert checkout.run("demo")[2] == ""


def test_missing_libraries_are_installed_with_apt(checkout: Checkout) -> None:
    log = checkout.bin / "log"
    checkout.command("id", "echo 0")
    checkout.command("ldconfig", f"[ -s '{log}' ] && cat '{RESOURCES / 'debian-packages.txt'}' || echo libX11.so.6")
    checkout.command("apt-get", f'case $1 in install) echo "$*" >>"{log}" ;; esac')
    code, _, err = checkout.run("demo")
    assert code == 0
    assert "Qt, which draws the window, needs" in err
    installed = log.read_text().split()
    assert {"libgl1", "libxcb-cursor0"} <= set(installed)
    assert "libx11-6" not in installed
    assert checkout.run("demo")[2] == ""


def test_missing_libraries_are_named_where_they_cannot_be_installed(checkout: Checkout) -> None:
    checkout.command("ldconfig", "echo libX11.so.6")
    checkout.command("id", "echo 1000")
    (checkout.bin / "apt-get").unlink(missing_ok=True)
    code, out, err = checkout.run("demo", "--headless")
    assert (code, json.loads(out)[1:]) == (0, ["demo", "--headless"])
    assert "libGL.so.1" in err
    assert "--headless" in err


def test_without_a_recent_python_it_says_what_to_install(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    (checkout.bin / "python3").unlink()
    code, _, err = checkout.run("demo")
    assert code == 1
    assert err.startswith("Python 3.11 or newer is not on the PATH.")


def test_without_a_command_it_shows_the_commands(checkout: Checkout) -> None:
    code, _, err = checkout.run()
    assert code == 2
    assert "./resources/run demo" in err

"""The official client's packages, installed once for each lock file into the user's cache, never into the checkout.

To move to other versions: change package.json, then `npm install --package-lock-only` beside it.
"""

import faulthandler
import hashlib
import shutil
import subprocess
from pathlib import Path

import apsw
from platformdirs import user_cache_path

FOLDER = Path(__file__).parent
# Read when the tests are collected: each test has an empty cache of its own.
_CACHE = user_cache_path("powersync-inspector-tests")

_MANIFEST = ("package.json", "package-lock.json", ".npmrc")
_INSTALL_SECONDS = 900
_COMPLAINT_CHARACTERS = 4_000


def missing_program() -> str | None:
    """Why the official client cannot run here; None when it can."""
    missing = [name for name, program in (("Node.js", "node"), ("npm", "npm")) if shutil.which(program) is None]
    return f"{' and '.join(missing)} cannot be found on the PATH." if missing else None


def installed_client() -> Path:
    """`client.mjs` in a folder that has its packages; they are installed, which takes a minute, if they are not there.

    Node looks for packages beside the script, so that it has to be a copy there.
    """
    packages = _CACHE / f"npm-{_digest(*_MANIFEST)}-{_node_platform()}"
    if not packages.exists():
        # The compiler may well take longer than a test that hangs.
        faulthandler.cancel_dump_traceback_later()
        _install(packages)
    script = packages / f"client-{_digest('client.mjs')}.mjs"
    if not script.exists():
        shutil.copyfile(FOLDER / "client.mjs", script.with_suffix(".new"))
        script.with_suffix(".new").replace(script)
    return script


def _install(packages: Path) -> None:
    packages.parent.mkdir(parents=True, exist_ok=True)
    # A lock that processes of all platforms know, and that none leaves behind: the other test processes wait.
    lock = apsw.Connection(str(packages.parent / "installing.lock"))
    try:
        lock.set_busy_timeout(_INSTALL_SECONDS * 1_000)
        lock.execute("BEGIN EXCLUSIVE")
        if not packages.exists():
            unfinished = packages.with_name(f"{packages.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _run_npm(unfinished)
            unfinished.rename(packages)
    finally:
        lock.close()


def _run_npm(folder: Path) -> None:
    folder.mkdir()
    for name in _MANIFEST:
        shutil.copyfile(FOLDER / name, folder / name)
    npm = shutil.which("npm")
    assert npm is not None
    outcome = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
    )
    if outcome.returncode != 0:
        complaint = (outcome.stdout + outcome.stderr)[-_COMPLAINT_CHARACTERS:]
        raise RuntimeError(f"npm cannot install the official client (exit code {outcome.returncode}):\n{complaint}")


def _digest(*names: str) -> str:
    return hashlib.sha256(b"\0".join((FOLDER / name).read_bytes() for name in names)).hexdigest()[:16]


def _node_platform() -> str:
    """Compiled packages belong to one version of Node's interface and one kind of machine."""
    code = "process.stdout.write([process.versions.modules, process.platform, process.arch].join('-'))"
    return subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout

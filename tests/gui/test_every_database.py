"""The window shows every client database that there is an example of, and changes nothing of it."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.analysis.state import Unreadable
from inspector.ui.sources import FileSource, Source
from inspector.ui.window import Window
from tests.gui.conftest import PATIENCE_MS, filled
from tests.gui.looking import buckets_of, rows_of
from tests.recordings import CAPTURES

DATABASES = CAPTURES.parent / "databases"
READABLE = sorted(path for path in DATABASES.glob("*/*.db") if path.stem != "encrypted")


def everything_in(folder: Path) -> dict[str, tuple[int, str]]:
    """Name → time of the last change (ns) and SHA-256."""
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a user's, with the folder's own time to watch."""
    folder = tmp_path / "from a user"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("original", READABLE, ids=lambda path: path.stem)
def test_its_buckets_and_its_state_are_shown_and_its_folder_stays_as_it_is(
    original: Path, folder: Path, open_file: Callable[[Path], Window]
) -> None:
    for file in original.parent.glob(f"{original.name}*"):
        shutil.copy2(file, folder)
    before, folder_before = everything_in(folder), folder.stat().st_mtime_ns
    window = open_file(folder / original.name)
    names = {row[0] for row in rows_of(buckets_of(window).table)}
    if original.stem != "never-synced":
        assert "my_lists" in names
    assert "$local" not in names
    assert window.state_bar.sentence is not None
    assert window.state_bar.sentence.lead.endswith(".")
    window.close()
    assert (everything_in(folder), folder.stat().st_mtime_ns) == (before, folder_before)


def test_an_encrypted_one_is_refused_with_a_clear_sentence(
    folder: Path, qtbot: QtBot, open_window: Callable[[Source | None], Window]
) -> None:
    shutil.copy2(DATABASES / "states" / "encrypted.db", folder)
    before = everything_in(folder)
    window = open_window(FileSource(folder / "encrypted.db"))
    qtbot.waitUntil(lambda: isinstance(window.feed.situation, Unreadable), timeout=PATIENCE_MS)
    assert window.state_bar.sentence is not None
    assert window.state_bar.sentence.lead == "encrypted.db looks encrypted."
    assert "sqlcipher_export" in window.state_bar.sentence.then
    assert everything_in(folder) == before
    assert not filled(window)


def test_the_newest_data_in_the_wal_are_shown(folder: Path, open_file: Callable[[Path], Window]) -> None:
    for file in (DATABASES / "states").glob("wal-left-behind.db*"):
        shutil.copy2(file, folder)
    with_wal = rows_of(buckets_of(open_file(folder / "wal-left-behind.db")).table)
    (folder / "wal-left-behind.db-wal").unlink()
    without = rows_of(buckets_of(open_file(folder / "wal-left-behind.db")).table)
    assert with_wal != without

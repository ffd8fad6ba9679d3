"""The client databases in `tests/data/databases`, and what a test needs to tamper with copies of them."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import apsw

DATABASES = Path(__file__).parents[1] / "data" / "databases"
VERSIONS: dict[str, Any] = json.loads((DATABASES / "versions" / "expected.json").read_text())
STATES = sorted(path.stem for path in (DATABASES / "states").glob("*.db"))


def state(name: str) -> Path:
    return DATABASES / "states" / f"{name}.db"


def version(name: str) -> Path:
    return DATABASES / "versions" / name


def copy_to(folder: Path, path: Path, name: str = "", *, siblings: bool = True) -> Path:
    """A copy of a database, by default with its -wal and -shm."""
    target = folder / (name or path.name)
    shutil.copyfile(path, target)
    for suffix in ("-wal", "-shm") if siblings else ():
        if (beside := path.with_name(path.name + suffix)).exists():
            shutil.copyfile(beside, target.with_name(target.name + suffix))
    return target


def change(path: Path, *statements: str) -> None:
    """Write to a database."""
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()


def fingerprint(folder: Path) -> dict[str, Any]:
    """Everything that reading a folder's files must leave alone."""
    found: dict[str, Any] = {".": (folder.stat().st_mtime_ns, folder.stat().st_mode)}
    for path in sorted(folder.iterdir()):
        stat = path.stat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[path.name] = (stat.st_size, stat.st_mtime_ns, stat.st_mode, stat.st_ino, digest)
    return found


def table_hash(rows: Iterable[tuple[str, str | None]]) -> str:
    """SHA-256 of `id NUL data LF` over rows in order of id, as `expected.json` has it."""
    digest = hashlib.sha256()
    for row_id, data in rows:
        digest.update(f"{row_id}\0{data}\n".encode())
    return digest.hexdigest()


def leaf_pages(path: Path, name: str) -> list[int]:
    """The numbers of the pages that hold the rows of a table or the entries of an index."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno"
    pages = [page for (page,) in connection.execute(sql, (name,))]
    connection.close()
    return pages


def overwrite_page(path: Path, page: int, content: bytes = bytes(4096)) -> None:
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(content)

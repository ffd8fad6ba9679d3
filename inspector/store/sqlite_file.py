"""What the bytes of a file say about it, before SQLite is asked: nothing here opens a database.

The layouts are those of SQLite's file format: the header of a database (100 bytes), of its rollback journal, of
its write-ahead log (WAL) and of the WAL's index.
"""

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CAPTURE_APPLICATION_ID = 0x50535943
"""`PSYC` in the header of a capture: such a file is read by the capture room."""

SQLITE_MAGIC = b"SQLite format 3\0"
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_WAL_MAGICS = (bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
_WAL_INDEX_VERSION = 3_007_000
_ARCHIVES = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
}

_HEADER_BYTES = 100
_LARGEST_BYTES = 2**40
"""No client database comes near 1 TiB: a header that says more is damaged."""
_SAMPLE_BYTES = 65_536
_SMALLEST_PAGE = 512
_SMALLEST_SAMPLE = 900
_RANDOM_BITS = 7.4
"""Bits a byte from which bytes look random: text and tables stay below 6, encrypted pages reach 7.7 and more."""
_TREE_PAGE_TYPES = (2, 5, 10, 13)


class FileKind(StrEnum):
    """What a file is, by its content; its name plays no part."""

    SQLITE = "sqlite"
    CAPTURE = "capture"
    EMPTY = "empty"
    STUMP = "stump"
    ENCRYPTED = "encrypted"
    WAL = "wal"
    WAL_INDEX = "wal index"
    JOURNAL = "journal"
    ARCHIVE = "archive"
    TEXT = "text"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SqliteHeader:
    """The first 100 bytes of a database; sizes in bytes."""

    page_size: int
    pages: int | None
    """None where the writer did not keep it up to date."""
    change_counter: int
    wal_mode: bool
    application_id: int

    @property
    def expected_bytes(self) -> int:
        """The length that the file should have at least; 0 when the header does not tell, or tells nonsense."""
        stated = self.page_size * (self.pages or 0)
        return stated if stated <= _LARGEST_BYTES else 0


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is; `header` only for databases, `archive` says which kind of archive."""

    kind: FileKind
    size: int
    header: SqliteHeader | None = None
    archive: str = ""


def recognise(path: Path) -> Recognised:
    """What the regular file at `path` is; reads at most 64 KiB of it. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    if not sample:
        return Recognised(FileKind.EMPTY, size)
    if sample.startswith(SQLITE_MAGIC):
        return _recognise_database(sample, size)
    if sample.startswith(_WAL_MAGICS):
        return Recognised(FileKind.WAL, size)
    if sample.startswith(JOURNAL_MAGIC):
        return Recognised(FileKind.JOURNAL, size)
    if _is_wal_index(sample):
        return Recognised(FileKind.WAL_INDEX, size)
    for magic, name in _ARCHIVES.items():
        if sample.startswith(magic):
            return Recognised(FileKind.ARCHIVE, size, archive=name)
    if size % _SMALLEST_PAGE == 0 and looks_random(sample):
        return Recognised(FileKind.ENCRYPTED, size)
    return Recognised(FileKind.TEXT if _is_text(sample) else FileKind.UNKNOWN, size)


def read_header(first_bytes: bytes) -> SqliteHeader:
    """The header in the first 100 bytes of a database."""

    def number(at: int, length: int = 4) -> int:
        return int.from_bytes(first_bytes[at : at + length], "big")

    stated = number(16, 2)
    change_counter, pages = number(24), number(28)
    return SqliteHeader(
        page_size=65_536 if stated == 1 else stated,
        pages=pages if pages and change_counter == number(92) else None,
        change_counter=change_counter,
        wal_mode=first_bytes[18:20] == b"\x02\x02",
        application_id=number(68),
    )


def looks_random(sample: bytes) -> bool:
    """Whether the bytes carry about as much information as random ones; False for fewer than 900 of them."""
    if len(sample) < _SMALLEST_SAMPLE:
        return False
    counts = Counter(sample).values()
    bits = -sum(count / len(sample) * math.log2(count / len(sample)) for count in counts)
    return bits > _RANDOM_BITS


def _recognise_database(sample: bytes, size: int) -> Recognised:
    if len(sample) <= _HEADER_BYTES:
        return Recognised(FileKind.STUMP, size)
    header = read_header(sample)
    page = sample[_HEADER_BYTES : header.page_size or None]
    if page and page[0] not in _TREE_PAGE_TYPES and looks_random(page):
        return Recognised(FileKind.ENCRYPTED, size)
    kind = FileKind.CAPTURE if header.application_id == CAPTURE_APPLICATION_ID else FileKind.SQLITE
    return Recognised(kind, size, header)


def _is_wal_index(sample: bytes) -> bool:
    version = sample[:4]
    return any(int.from_bytes(version, order) == _WAL_INDEX_VERSION for order in ("little", "big"))


def _is_text(sample: bytes) -> bool:
    if b"\0" in sample:
        return False
    try:
        sample[:-4].decode()
    except UnicodeDecodeError:
        return False
    return True

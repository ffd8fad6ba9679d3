"""Reading a capture: windows, changes while it is written, and files that are not as they should be."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import apsw
import pytest

from inspector.capture.errors import CaptureError
from inspector.capture.outcome import Outcome
from inspector.capture.reader import CaptureReader
from inspector.capture.rows import CheckpointRow, ConnectionRow, EventRow, FrameRow, MismatchRow, UploadRow
from inspector.capture.schema import APPLICATION_ID, INDEXES, TABLES, UPGRADES, VERSION
from inspector.capture.writer import CaptureWriter
from inspector.protocol.framing import FrameFormat
from inspector.protocol.lines import Checkpoint, decode_line
from tests.capture.recording import record, record_to, recording


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_to(tmp_path_factory.mktemp("closed") / "a.capture", "initial-ndjson", "initial-bson", "incremental")


def contents(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_structs_have_the_tables_columns_in_their_order() -> None:
    database = apsw.Connection(":memory:")
    database.execute(TABLES + INDEXES + "".join(statements for _, statements in UPGRADES))
    for struct, table, more in (
        (ConnectionRow, "connections", ()), (FrameRow, "frames", ("body",)), (CheckpointRow, "checkpoints", ()),
        (MismatchRow, "mismatches", ()), (UploadRow, "uploads", ("request",)), (EventRow, "events", ()),
    ):  # fmt: skip
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        assert columns == [*struct.__struct_fields__, *more]


def test_a_window_of_frames_is_what_was_asked_for(closed: Path) -> None:
    with CaptureReader(closed) as reader:
        total = reader.frame_count()
        assert [row.id for row in reader.frames(3, 4)] == [3, 4, 5, 6]
        assert [row.id for row in reader.frames(total, 50)] == [total]
        assert reader.frames(total + 1, 50) == []
        assert reader.frame(total + 1) is None
        assert reader.frame(0) is None


def test_a_frame_is_decoded_with_its_connections_format(closed: Path) -> None:
    with CaptureReader(closed) as reader:
        for connection in reader.connections():
            assert connection.first_frame is not None
            frame = reader.frame(connection.first_frame)
            assert frame is not None
            assert isinstance(decode_line(frame.body, frame.format), Checkpoint)


def test_bodies_begin_anywhere_and_cross_connections(closed: Path) -> None:
    with CaptureReader(closed) as reader:
        everything = list(reader.bodies())
        assert [frame.row.id for frame in everything] == list(range(1, reader.frame_count() + 1))
        second = reader.connections()[1]
        assert second.first_frame is not None
        assert list(reader.bodies(second.first_frame + 2)) == everything[second.first_frame + 1 :]
        assert {frame.row.connection for frame in everything} == {1, 2, 3}


def test_the_summary_tells_what_is_there(closed: Path) -> None:
    with CaptureReader(closed) as reader:
        summary = reader.summary()
        frames = reader.frames(1, reader.frame_count())
    assert (summary.frames, summary.connections, summary.mismatches) == (len(frames), 3, 0)
    assert summary.operations == sum(row.operations for row in frames)
    assert summary.bytes == closed.stat().st_size
    assert (summary.first_at, summary.last_at) == (frames[0].received_at, frames[-1].received_at)
    assert (summary.endpoint, summary.user_id) == ("http://localhost:8080", "user-1")
    assert summary.last_outcome in (Outcome.APPLIED, Outcome.INTERRUPTED)


def test_an_empty_capture_has_a_summary(tmp_path: Path) -> None:
    CaptureWriter(tmp_path / "a.capture").close()
    with CaptureReader(tmp_path / "a.capture") as reader:
        summary = reader.summary()
        assert (summary.frames, summary.first_at, summary.last_checkpoint, summary.endpoint) == (0, None, None, "")
        assert list(reader.bodies()) == []
        assert reader.expected_buckets() == {}


def test_reading_follows_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.capture"
    with CaptureWriter(path) as writer, CaptureReader(path) as reader:
        before = reader.data_version()
        assert reader.data_version() == before
        record(writer, recording("initial-ndjson"))
        assert reader.frame_count() == 0
        writer.flush()
        assert reader.data_version() != before
        assert reader.frame_count() == writer.frames
        assert reader.checkpoints.rows()[-1].outcome == Outcome.APPLIED
        last = reader.checkpoints.rows()[-1].id
        record(writer, recording("incremental"))
        writer.flush()
        assert next(row.id for row in reader.checkpoints.rows(after=last)) == last + 1


def test_the_writer_may_end_while_a_reader_looks(tmp_path: Path) -> None:
    path = tmp_path / "a.capture"
    writer = CaptureWriter(path)
    record(writer, recording("initial-ndjson"))
    writer.flush()
    with CaptureReader(path) as reader:
        frames = reader.frame_count()
        writer.close()
        assert reader.frame_count() == frames
        assert len(list(reader.bodies())) == frames


def test_a_lone_file_does_not_change_by_a_byte(closed: Path) -> None:
    before = contents(closed.parent)
    with CaptureReader(closed) as reader:
        list(reader.bodies())
        reader.summary()
        reader.expected_buckets()
        assert contents(closed.parent) == before
    assert contents(closed.parent) == before


def test_a_file_with_its_wal_is_read_with_the_newest_frames_and_does_not_change(tmp_path: Path) -> None:
    live, copy = tmp_path / "live", tmp_path / "copy"
    live.mkdir()
    copy.mkdir()
    with CaptureWriter(live / "a.capture") as writer:
        record(writer, recording("initial-ndjson"))
        writer.flush()
        for name in ("a.capture", "a.capture-wal"):
            shutil.copyfile(live / name, copy / name)
        frames = writer.frames
    before = contents(copy)
    with CaptureReader(copy / "a.capture") as reader:
        assert reader.frame_count() == frames
    assert contents(copy) == before


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from inspector.capture.reader import CaptureReader
if os.getuid() == 0:
    os.setuid(65534)
with CaptureReader(Path(sys.argv[1])) as reader:
    print(reader.frame_count(), len(list(reader.bodies())))
"""


def test_a_read_only_folder_will_do(closed: Path) -> None:
    folder = Path(mkdtemp())
    try:
        shutil.copyfile(closed, folder / "a.capture")
        os.chmod(folder / "a.capture", 0o444)
        os.chmod(folder, 0o555)
        result = subprocess.run(
            [sys.executable, "-c", READ_AS_NOBODY, str(folder / "a.capture")],
            capture_output=True,
            text=True,
            check=False,
        )
        with CaptureReader(closed) as reader:
            count = reader.frame_count()
        assert result.stdout.split() == [str(count), str(count)], result.stderr
    finally:
        os.chmod(folder, 0o755)
        shutil.rmtree(folder)


def altered(closed: Path, tmp_path: Path, sql: str) -> Path:
    copy = tmp_path / "b.capture"
    shutil.copyfile(closed, copy)
    database = apsw.Connection(str(copy))
    database.execute(sql)
    database.close()
    return copy


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def missing(path: Path) -> None:
    assert not path.exists()


def text(path: Path) -> None:
    path.write_text("Dear service, this is no capture at all.")


def foreign(path: Path) -> None:
    apsw.Connection(str(path)).execute("CREATE TABLE ps_oplog(bucket)")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (nothing, "x is no capture. The file is empty. Open another file."),
        (
            text,
            "x is no capture. It is no SQLite file, or it is encrypted. "
            "Open a capture that the inspector has recorded.",
        ),
        (
            foreign,
            "x is no capture. It is an SQLite file, and no recording of the inspector's. "
            "Choose a capture. A client database holds no frames: open it by “inspector open”.",
        ),
        (missing, "There is no file x. Check the path."),
    ],
)
def test_what_is_no_capture_is_refused_in_a_sentence(
    tmp_path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    make(tmp_path / "x")
    with pytest.raises(CaptureError) as error:
        CaptureReader(tmp_path / "x")
    assert str(error.value) == sentence


def test_a_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"cannot be opened\. The system says: Is a directory\."):
        CaptureReader(tmp_path)


def test_a_newer_capture_is_refused(closed: Path, tmp_path: Path) -> None:
    newer = altered(closed, tmp_path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(CaptureError, match=rf"recorded by a newer inspector\. Its format is version {VERSION + 1}"):
        CaptureReader(newer)


def test_a_truncated_capture_is_refused(closed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "b.capture"
    copy.write_bytes(closed.read_bytes()[:-9_000])
    with pytest.raises(CaptureError, match=r"b\.capture is cut off\. It has [\d\u2009]+ of [\d\u2009]+ bytes\."):
        CaptureReader(copy)


def test_a_capture_without_its_tables_is_refused(closed: Path, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"is damaged\. SQLite says: no such table: frames"):
        CaptureReader(altered(closed, tmp_path, "DROP TABLE frames"))


def test_a_damaged_page_gives_a_sentence_and_no_traceback(closed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "b.capture"
    data = bytearray(closed.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    copy.write_bytes(data)
    with pytest.raises(CaptureError, match=r"b\.capture is damaged"), CaptureReader(copy) as reader:
        list(reader.bodies())


def test_a_damaged_body_names_its_frame(closed: Path, tmp_path: Path) -> None:
    copy = altered(
        closed, tmp_path, "UPDATE frames SET body = x'00112233' WHERE id = 2; UPDATE frames SET bytes = 1 WHERE id = 3"
    )
    with CaptureReader(copy) as reader:
        for frame in (2, 3):
            with pytest.raises(CaptureError, match=f"The bytes of frame {frame} in b.capture are damaged"):
                reader.frame(frame)
        assert reader.frame(4) is not None


def test_a_capture_opens_in_an_ordinary_sqlite(closed: Path) -> None:
    database = sqlite3.connect(f"{closed.as_uri()}?immutable=1", uri=True)
    assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_frames_without_a_known_format_are_read_as_lines(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "a.capture") as writer:
        writer.frame(writer.open_connection("http://localhost", b"{}"), b"{}", None)
    with CaptureReader(tmp_path / "a.capture") as reader:
        frame = reader.frame(1)
    assert frame is not None
    assert frame.format is FrameFormat.NDJSON

"""What users say about frames: in the capture while it is recorded, beside it when it is evidence."""

import shutil
from pathlib import Path

import apsw
import pytest

from inspector.capture.annotations import Annotation
from inspector.capture.errors import CaptureError
from inspector.capture.notes_beside import NotesBeside
from inspector.capture.reader import CaptureReader
from inspector.capture.writer import CaptureWriter
from inspector.engine.control import Annotate
from tests.capture.recording import record, record_to, recording
from tests.engine.running_engine import running_engine
from tests.recordings import CAPTURES
from tests.scripted_service import Answer, scripted_service


def test_a_capture_keeps_marks_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "marked.pscapture"
    with CaptureWriter(path) as writer:
        record(writer, recording("initial-ndjson"))
        writer.annotate(3, Annotation(marked=True))
        writer.annotate(4, Annotation(comment="token=abcdefgh12345678 came twice"))
        writer.annotate(5, Annotation(marked=True))
        writer.flush()
        writer.annotate(5, Annotation())
    with CaptureReader(path) as reader:
        kept = reader.annotations()
    assert kept[3] == Annotation(marked=True)
    assert 5 not in kept
    assert kept[4].comment.endswith("came twice")


def test_a_capture_of_an_older_version_has_none(tmp_path: Path) -> None:
    path = record_to(tmp_path / "old.pscapture", "resume-nochange")
    connection = apsw.Connection(str(path))
    connection.execute("DROP TABLE annotations; PRAGMA user_version = 2")
    connection.close()
    with CaptureReader(path) as reader:
        assert reader.annotations() == {}


def test_copies_of_a_capture_have_one_identity_and_others_another(tmp_path: Path) -> None:
    first = record_to(tmp_path / "first.pscapture", "initial-ndjson")
    second = record_to(tmp_path / "second.pscapture", "initial-ndjson")
    shutil.copy(first, tmp_path / "copy.pscapture")
    identities = []
    for name in ("first", "copy", "second"):
        with CaptureReader(tmp_path / f"{name}.pscapture") as reader:
            identities.append(reader.identity())
    assert identities[0] == identities[1] != identities[2]
    assert second.exists()


def test_notes_beside_a_capture_are_found_again(tmp_path: Path) -> None:
    notes = NotesBeside(tmp_path / "notes", "abc")
    assert notes.read() == {}
    notes.write({7: Annotation(True, "Here it begins."), 8: Annotation()})
    assert NotesBeside(tmp_path / "notes", "abc").read() == {7: Annotation(True, "Here it begins."), 8: Annotation()}
    assert NotesBeside(tmp_path / "notes", "def").read() == {}


def test_notes_that_cannot_be_kept_are_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(CaptureError, match="cannot be kept"):
        NotesBeside(tmp_path / "taken", "abc").write({1: Annotation(True)})


def test_the_engine_keeps_them_in_the_capture_that_it_records(tmp_path: Path) -> None:
    answer = Answer((CAPTURES / "initial-ndjson" / "body.ndjson").read_bytes(), hold=True)
    with scripted_service(answer) as service, running_engine(service.endpoint, tmp_path) as engine:
        engine.wait(lambda status: status.frames == 10)
        engine.send(Annotate(2, marked=True, comment="The lists.", id=1))
        assert engine.wait_answer(1).ok
        engine.send(Annotate(99, marked=True, id=2))
        assert not engine.wait_answer(2).ok
    with CaptureReader(tmp_path / "stream.pscapture") as reader:
        assert reader.annotations() == {2: Annotation(True, "The lists.")}

"""Below an operation in Detail: whether the app sees it, what it replaced, and what a local write says instead."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.engine.control import Write
from inspector.store.local_write import LocalWrite
from inspector.ui.selection import OperationKey
from inspector.ui.window import Window
from tests.gui.conftest import Connecting, has_synced
from tests.gui.looking import detail_of, frames_of, rows_of
from tests.running_service import ServiceUnderTest

PATIENCE_MS = 20_000

pytestmark = pytest.mark.usefixtures("frames_alone", "every_model_watched")


def newest_operation(qtbot: QtBot, window: Window, service: ServiceUnderTest, body: str) -> OperationKey:
    """Change the note at the service, and select the frame that brings it; its operation."""
    frames, detail = frames_of(window), detail_of(window)
    service.put("notes", "n1", owner_id="alice", body=body)

    def it_is_shown() -> bool:
        row = frames.model.last_data_row()
        if row is not None and row != frames.table.currentIndex().row():
            frames.table.choose_row(row)
        return any(field == "body" and f'"{body}"' in value for field, value, *_ in rows_of(detail.tree))

    qtbot.waitUntil(it_is_shown, timeout=PATIENCE_MS)
    content = window.frame.content
    assert content is not None
    assert content.row.bucket is not None
    return OperationKey(content.row.bucket, content.operations[0].operation.op_id)


def test_it_is_shown_or_held_replaces_another_and_gives_way_to_a_local_write(
    qtbot: QtBot, connect: Connecting, service: ServiceUnderTest, tmp_path: Path
) -> None:
    window = connect()
    qtbot.waitUntil(lambda: has_synced(window), timeout=PATIENCE_MS)
    label, notes = detail_of(window).standing.label, detail_of(window).standing.notes
    first = newest_operation(qtbot, window, service, "one")
    qtbot.waitUntil(lambda: "yes, with checkpoint" in label.text(), timeout=PATIENCE_MS)
    assert "Supersedes" not in label.text()
    first_frame = window.selection.frame

    newest_operation(qtbot, window, service, "two")
    qtbot.waitUntil(lambda: "Supersedes" in label.text(), timeout=PATIENCE_MS)
    assert f">{first.op_id}</a>" in label.text()
    assert notes() == {}

    window.feed.send(Write((LocalWrite("PATCH", "notes", "n1", {"body": "mine"}),)))
    qtbot.waitUntil(lambda: "body" in notes(), timeout=PATIENCE_MS)
    third = newest_operation(qtbot, window, service, "three")
    qtbot.waitUntil(lambda: "no: held with checkpoint" in label.text(), timeout=PATIENCE_MS)
    assert notes()["body"].text == '← local write says "mine"'
    noted = [node for row in range(40) if (node := detail_of(window).tree_model.node(row)) and node.key == "body"]
    assert [node.note for node in noted] == [notes()["body"]]

    label.linkActivated.emit("prior")
    label.linkActivated.emit("prior")
    qtbot.waitUntil(lambda: "Superseded by" in label.text(), timeout=PATIENCE_MS)
    label.linkActivated.emit("prior")
    qtbot.waitUntil(lambda: window.selection.frame == first_frame, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: f">{third.op_id}</a>" in label.text(), timeout=PATIENCE_MS)
    assert notes() == {}, "what is superseded is nobody's value"
    label.linkActivated.emit("newer")
    assert window.selection.operation == third
    qtbot.waitUntil(lambda: "no: held with checkpoint" in label.text(), timeout=PATIENCE_MS)

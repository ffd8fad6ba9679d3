"""Qt's own tester on every list of the windows that a test opens; pytest-qt fails the test for what the tester says."""

from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QTimer
from PySide6.QtTest import QAbstractItemModelTester
from shiboken6 import delete

from inspector.ui.panels.clients.list_model import SharedListModel
from inspector.ui.widgets.row_model import RowModel

FEW_ROWS = 300
"""The tester reads every cell at each change: longer lists are left alone, and their pages unread."""


@pytest.fixture
def every_model_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model of the program is watched from the event loop's next turn after it was made."""
    for made in (RowModel, SharedListModel):
        monkeypatch.setattr(made, "__init__", _watching(made.__init__))


def _watching(original: Any) -> Any:
    def init(self: QAbstractItemModel, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        QTimer.singleShot(0, self, lambda: _watch(self))

    return init


def _watch(model: QAbstractItemModel) -> None:
    testers: list[QAbstractItemModelTester] = []

    def leave_long_ones() -> None:
        if model.rowCount() > FEW_ROWS:
            while testers:
                delete(testers.pop())

    # Connected before the tester is, so that it does not look at the change that made the list long.
    for changed in (model.rowsInserted, model.modelReset, model.layoutChanged):
        changed.connect(leave_long_ones)
    testers.append(QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model))
    leave_long_ones()

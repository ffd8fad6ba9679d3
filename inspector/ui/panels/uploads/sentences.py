"""What the uploads panel says where nothing waits, or nothing was tried."""

from PySide6.QtCore import QCoreApplication

from inspector.analysis.state import CaptureFile, DatabaseFile, NothingOpen, Opening, Situation, Unreadable
from inspector.ui.panels.uploads.view import UploadsView


def _tr(text: str) -> str:
    return QCoreApplication.translate("UploadsPanel", text)


def why_nothing_waits(situation: Situation, view: UploadsView | None, problem: str) -> str:
    """Why no local write is listed; `problem` is why the files cannot be read."""
    if isinstance(situation, CaptureFile) and view is not None:
        if view.writes_recorded:
            return _tr(
                "No local writes were waiting when the recording ended, as far as it tells. "
                "Its attempts to upload are in the log."
            )
        return _tr("A capture does not hold the upload queue; its attempts to upload are in the log.")
    if unknown := _why_unknown(situation, view, problem):
        return unknown
    if isinstance(situation, DatabaseFile):
        return _tr("No local writes are waiting.")
    return _tr("No local writes are waiting. What you change in Data appears here until the backend has it.")


def why_no_log(situation: Situation, view: UploadsView | None, problem: str) -> str:
    """Why no attempt is listed."""
    if view is not None and not view.has_capture:
        return _tr("A database file knows no attempts to upload: they are in a capture, or in the app's log.")
    return _why_unknown(situation, view, problem) or _tr(
        "No upload was tried yet. Each attempt and its answer appears here."
    )


def _why_unknown(situation: Situation, view: UploadsView | None, problem: str) -> str:
    if problem:
        return problem
    match situation:
        case NothingOpen():
            return _tr("Local writes appear here until the service has confirmed them. Connect or open a file.")
        case Opening():
            return _tr("The file is being opened.")
        case Unreadable():
            return _tr("Nothing is shown, because the file cannot be opened.")
    return "" if view is not None else _tr("The upload queue is being read.")

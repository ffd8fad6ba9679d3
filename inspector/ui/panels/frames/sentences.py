"""What the frames panel says beside its rows: how many there are, and why there are none."""

from PySide6.QtCore import QCoreApplication

from inspector.analysis.state import DatabaseFile, NothingOpen, Opening, Unreadable
from inspector.ui.feed import Feed
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.search import FrameSearch
from inspector.words import thousands


def _tr(text: str) -> str:
    return QCoreApplication.translate("FramesPanel", text)


def count_words(model: FramesModel, search: FrameSearch, total: int, chosen: int | None) -> str:
    """How much a filter lets through, of `total` frames; empty without one. `chosen` is the selected row's entry."""
    if not model.filtered:
        return ""
    text = _tr("{0} of {1}").format(thousands(model.frame_rows), thousands(total))
    if others := model.happening_rows:
        text = _tr("{0} frames · {1} between").format(text, thousands(others))
    if search.searching:
        text += _tr(" · {0} % searched").format(int(100 * search.progress))
    elif (oldest := search.stopped_at) is not None:
        text += _tr(" · searched from frame {0} on").format(thousands(oldest))
    if chosen is not None and not search.searching and model.row_of(chosen) is None:
        text += _tr(" · the selected row is hidden") if chosen < 0 else _tr(" · the selected frame is hidden")
    return text


def why_empty(model: FramesModel, search: FrameSearch, feed: Feed) -> str:
    """Why no row is shown, and what would bring some."""
    if model.problem:
        return model.problem
    if model.filtered and model.frames_in_capture():
        if search.searching:
            return _tr("No frame that meets the filter was found so far.")
        return _tr("No frame meets the filter. Switch it off or clear it to see all frames.")
    if model.sorted and model.not_sorted_in:
        return _tr("The frames are being sorted.")
    match feed.situation:
        case NothingOpen():
            return _tr(
                "Each line of the sync stream appears here as it comes. Connect, start the demo, or open a capture."
            )
        case Opening():
            return _tr("The file is being opened.")
        case Unreadable():
            return _tr("No frames are shown, because the file cannot be opened.")
        case DatabaseFile():
            return _tr(
                "A client database holds no frames: it keeps what was downloaded, not how it came. "
                "Open a capture, or connect, to see the stream line by line."
            )
    if feed.files.capture is None:
        return _tr("The sync engine is starting.")
    return _tr("No frame has arrived yet. Each line of the sync stream appears here as it comes.")

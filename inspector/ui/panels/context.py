"""What a panel is made with: the source, the shared selection, the actions, and where things are remembered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from inspector.ui.actions import Actions
from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.demo.devices import Devices
from inspector.ui.feed import Feed
from inspector.ui.findings_loader import FindingsLoader
from inspector.ui.frame.loader import FrameLoader
from inspector.ui.selection import Selection

if TYPE_CHECKING:
    # Nobody has compared anything when a window comes up.
    from inspector.analysis.comparison_report import Compared


@dataclass(slots=True)
class Shared:
    """What one panel found out and others may pass on."""

    compared: "Compared | None" = None


@dataclass(frozen=True, slots=True)
class PanelContext:
    """Given to each panel by the window, which keeps nothing of it for itself."""

    feed: Feed
    selection: Selection
    frame: FrameLoader
    buckets: BucketLoader
    findings: FindingsLoader
    actions: Actions
    settings: QSettings
    devices: Devices
    shared: Shared
    room: QWidget | None = None
    """Where the panel will stand: one that is made there need not be styled anew when it is put there."""

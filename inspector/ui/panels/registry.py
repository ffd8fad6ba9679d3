"""All panels: adding one is a file in this folder and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from inspector.ui.panels.buckets.panel import BucketsPanel
from inspector.ui.panels.checkpoints.panel import CheckpointsPanel
from inspector.ui.panels.checksums.panel import ChecksumsPanel
from inspector.ui.panels.clients.panel import ClientsPanel
from inspector.ui.panels.connection.panel import ConnectionPanel
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.data.panel import DataPanel
from inspector.ui.panels.detail.panel import DetailPanel
from inspector.ui.panels.events.panel import EventsPanel
from inspector.ui.panels.faults.panel import FaultsPanel
from inspector.ui.panels.findings.finding_panel import FindingPanel
from inspector.ui.panels.findings.panel import FindingsPanel
from inspector.ui.panels.frame_bytes.panel import BytesPanel
from inspector.ui.panels.frames.panel import FramesPanel
from inspector.ui.panels.row.panel import RowPanel
from inspector.ui.panels.sql.panel import SqlPanel
from inspector.ui.panels.story.panel import StoryPanel
from inspector.ui.panels.streams.panel import StreamsPanel
from inspector.ui.panels.timeline.panel import TimelinePanel
from inspector.ui.panels.uploads.panel import UploadsPanel


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """A panel by the name under which layouts know it, its title (translated in the context `Panels`), and its maker.

    The widget may have a signal `count_changed(object)`: an int or a `Badge` shown in its tab, or None.
    """

    name: str
    title: str
    create: Callable[[PanelContext], QWidget]


PANELS = (
    PanelEntry("timeline", "Timeline", TimelinePanel),
    PanelEntry("buckets", "Buckets", BucketsPanel),
    PanelEntry("streams", "Streams", StreamsPanel),
    PanelEntry("connection", "Connection", ConnectionPanel),
    PanelEntry("frames", "Frames", FramesPanel),
    PanelEntry("checkpoints", "Checkpoints", CheckpointsPanel),
    PanelEntry("checksums", "Checksums", ChecksumsPanel),
    PanelEntry("data", "Data", DataPanel),
    PanelEntry("sql", "SQL", SqlPanel),
    PanelEntry("detail", "Detail", DetailPanel),
    PanelEntry("bytes", "Bytes", BytesPanel),
    PanelEntry("row", "Row history", RowPanel),
    PanelEntry("uploads", "Uploads", UploadsPanel),
    PanelEntry("events", "Events", EventsPanel),
    PanelEntry("findings", "Findings", FindingsPanel),
    PanelEntry("finding", "Finding", FindingPanel),
    PanelEntry("faults", "Faults", FaultsPanel),
    PanelEntry("story", "Story", StoryPanel),
    PanelEntry("clients", "Clients", ClientsPanel),
)

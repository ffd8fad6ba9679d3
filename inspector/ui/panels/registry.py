"""All panels: adding one is a file in this folder, and a function and a line here."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias

from PySide6.QtWidgets import QWidget

from inspector.ui.panels.context import PanelContext

PanelMaker: TypeAlias = Callable[[PanelContext], QWidget]


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """A panel by the name under which layouts know it, its title (translated in the context `Panels`), and its maker.

    What `load` gives is called when somebody needs the panel: it finds what is open and selected in the context.
    """

    name: str
    title: str
    load: Callable[[], PanelMaker]
    """Imports the panel: what none looks at need not be imported for the window to open."""
    has_badge: bool = False
    """Whether it is a `CountedPanel`: such a one is needed as soon as its tab is there."""
    actions: tuple[str, ...] = ()
    """The names in `Actions` of what the panel carries out."""
    folder: str = ""
    """Where its modules lie, if that is not called like the panel."""

    def modules(self) -> Iterator[str]:
        """The names of the panel's own modules: one imported after the other takes less time at once than `load`."""
        package = import_module(f"{__package__}.{self.folder or self.name}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield module.name


def _both_clients() -> PanelMaker:
    from inspector.ui.panels.both_clients.panel import BothClientsPanel

    return BothClientsPanel


def _buckets() -> PanelMaker:
    from inspector.ui.panels.buckets.panel import BucketsPanel

    return BucketsPanel


def _checkpoints() -> PanelMaker:
    from inspector.ui.panels.checkpoints.panel import CheckpointsPanel

    return CheckpointsPanel


def _checksums() -> PanelMaker:
    from inspector.ui.panels.checksums.panel import ChecksumsPanel

    return ChecksumsPanel


def _clients() -> PanelMaker:
    from inspector.ui.panels.clients.panel import ClientsPanel

    return ClientsPanel


def _comparison() -> PanelMaker:
    from inspector.ui.panels.comparison.panel import ComparisonPanel

    return ComparisonPanel


def _connection() -> PanelMaker:
    from inspector.ui.panels.connection.panel import ConnectionPanel

    return ConnectionPanel


def _data() -> PanelMaker:
    from inspector.ui.panels.data.panel import DataPanel

    return DataPanel


def _detail() -> PanelMaker:
    from inspector.ui.panels.detail.panel import DetailPanel

    return DetailPanel


def _events() -> PanelMaker:
    from inspector.ui.panels.events.panel import EventsPanel

    return EventsPanel


def _faults() -> PanelMaker:
    from inspector.ui.panels.faults.panel import FaultsPanel

    return FaultsPanel


def _finding() -> PanelMaker:
    from inspector.ui.panels.findings.finding_panel import FindingPanel

    return FindingPanel


def _findings() -> PanelMaker:
    from inspector.ui.panels.findings.panel import FindingsPanel

    return FindingsPanel


def _bytes() -> PanelMaker:
    from inspector.ui.panels.frame_bytes.panel import BytesPanel

    return BytesPanel


def _frames() -> PanelMaker:
    from inspector.ui.panels.frames.panel import FramesPanel

    return FramesPanel


def _row() -> PanelMaker:
    from inspector.ui.panels.row.panel import RowPanel

    return RowPanel


def _sql() -> PanelMaker:
    from inspector.ui.panels.sql.panel import SqlPanel

    return SqlPanel


def _story() -> PanelMaker:
    from inspector.ui.panels.story.panel import StoryPanel

    return StoryPanel


def _streams() -> PanelMaker:
    from inspector.ui.panels.streams.panel import StreamsPanel

    return StreamsPanel


def _timeline() -> PanelMaker:
    from inspector.ui.panels.timeline.panel import TimelinePanel

    return TimelinePanel


def _uploads() -> PanelMaker:
    from inspector.ui.panels.uploads.panel import UploadsPanel

    return UploadsPanel


_FRAME_ACTIONS = (
    "filter_frames",
    "go_to_frame",
    "mark_frame",
    "comment_frame",
    "next_mark",
    "copy_json",
    "copy_curl",
    "copy_curl_with_token",
    "export_frames",
    "colour_rules",
)

PLAIN_MODULES = (
    "inspector.analysis.comparison",
    "inspector.analysis.connection_facts",
    "inspector.analysis.devices.last_changes",
    "inspector.analysis.mismatch",
    "inspector.analysis.row_story",
    "inspector.analysis.story",
    "pygments.lexers.sql",
)
"""What panels need that is without Qt and takes long to import: it can be imported in any thread."""

PANELS = (
    PanelEntry("timeline", "Timeline", _timeline),
    PanelEntry("buckets", "Buckets", _buckets, has_badge=True),
    PanelEntry("streams", "Streams", _streams, has_badge=True, actions=("subscribe",)),
    PanelEntry("connection", "Connection", _connection),
    PanelEntry("frames", "Frames", _frames, actions=_FRAME_ACTIONS),
    PanelEntry("checkpoints", "Checkpoints", _checkpoints),
    PanelEntry("checksums", "Checksums", _checksums, has_badge=True),
    PanelEntry("data", "Data", _data),
    PanelEntry("sql", "SQL", _sql),
    PanelEntry("detail", "Detail", _detail),
    PanelEntry("bytes", "Bytes", _bytes, folder="frame_bytes"),
    PanelEntry("row", "Row history", _row),
    PanelEntry("uploads", "Uploads", _uploads, has_badge=True, actions=("discard_writes", "show_write")),
    PanelEntry("events", "Events", _events, has_badge=True),
    PanelEntry("findings", "Findings", _findings, has_badge=True),
    PanelEntry("finding", "Finding", _finding, folder="findings"),
    PanelEntry("comparison", "Comparison", _comparison, actions=("compare_with", "sync_fresh")),
    PanelEntry("faults", "Faults", _faults, has_badge=True),
    PanelEntry("story", "Story", _story, actions=("next_step", "start_again")),
    PanelEntry("clients", "Clients", _clients),
    PanelEntry("both", "Both clients", _both_clients, folder="both_clients"),
)

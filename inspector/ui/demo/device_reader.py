"""Reads what the demo's devices did from their files, which stay open from one reading to the next."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from inspector.analysis.devices.history import DeviceHistory, joined, read_history, stopped
from inspector.analysis.devices.last_changes import LastChange, last_changes, newest_operations
from inspector.analysis.devices.sendings import Sending, sendings
from inspector.capture.errors import CaptureError
from inspector.capture.reader import CaptureReader

Read: TypeAlias = tuple[dict[str, DeviceHistory], tuple[Sending, ...], dict[str, dict[str, LastChange]]]


class DevicesReader:
    """For the thread that reads."""

    def __init__(self) -> None:
        self._readers: dict[str, _DeviceReader] = {}

    def read(self, files: Mapping[str, tuple[Path, Path]], gone: Mapping[str, int]) -> Read:
        """Histories, sendings and last changes, from each user's capture and client database.

        `gone` tells when engines ended that nobody asked to, ns.
        """
        histories = {
            name: stopped(self._readers.setdefault(name, _DeviceReader()).read(capture), gone.get(name))
            for name, (capture, _) in files.items()
        }
        changes = {name: last_changes(newest_operations(database), histories) for name, (_, database) in files.items()}
        return histories, sendings(histories), changes

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


class _DeviceReader:
    """One user's captures: that of the present device is read again, those of earlier ones once."""

    def __init__(self) -> None:
        self._capture: CaptureReader | None = None
        self._path: Path | None = None
        self._earlier = DeviceHistory()

    def read(self, path: Path) -> DeviceHistory:
        """All that is known by now; a capture that cannot be read adds nothing, its panels say why."""
        try:
            if path != self._path or self._capture is None:
                self._take_up(path)
            assert self._capture is not None
            return joined(self._earlier, read_history(self._capture))
        except CaptureError:
            return self._earlier

    def close(self) -> None:
        """Let go of the file."""
        if self._capture is not None:
            self._capture.close()
            self._capture = None

    def _take_up(self, path: Path) -> None:
        if self._capture is not None:
            self._earlier = joined(self._earlier, read_history(self._capture))
        self.close()
        self._path = path
        self._capture = CaptureReader(path)

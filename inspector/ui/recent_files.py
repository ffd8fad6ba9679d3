"""The files that were opened last."""

from pathlib import Path

from PySide6.QtCore import QSettings

_SETTING = "files/recent"
_KEPT = 10


class RecentFiles:
    """Newest first; what is no longer there is left out."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def paths(self) -> list[Path]:
        """The files that still exist."""
        return [path for path in self._remembered() if path.exists()]

    def add(self, path: Path) -> None:
        """`path` was opened."""
        known = [other for other in self._remembered() if other != path.absolute()]
        self._settings.setValue(_SETTING, [str(path) for path in [path.absolute(), *known][:_KEPT]])

    def _remembered(self) -> list[Path]:
        value = self._settings.value(_SETTING) or []
        # A list of one comes back from an INI file as a string.
        return [Path(item) for item in ([value] if isinstance(value, str) else value)]

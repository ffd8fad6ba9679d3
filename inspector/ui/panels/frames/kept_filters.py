"""The filters that were used last, and those that the user saved under a name."""

from PySide6.QtCore import QSettings

_HISTORY, _SAVED = "frames/filter-history", "frames/saved-filters"
_KEPT = 30


class KeptFilters:
    """Both lists are in the settings, newest first."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def history(self) -> list[str]:
        """What was looked for last."""
        return self._texts(_HISTORY)

    def used(self, text: str) -> None:
        """`text` was looked for."""
        known = [other for other in self.history() if other != text]
        self._settings.setValue(_HISTORY, [text, *known][:_KEPT])

    def saved(self) -> dict[str, str]:
        """Filters by their names."""
        parts = (entry.partition("\t") for entry in self._texts(_SAVED))
        return {name: text for name, _, text in parts if text}

    def save(self, name: str, text: str) -> None:
        """Keep `text` as `name`, in place of what had that name."""
        others = {known: filter_text for known, filter_text in self.saved().items() if known != name}
        self._write({name: text} | others)

    def remove(self, name: str) -> None:
        """Keep this one no longer."""
        self._write({known: text for known, text in self.saved().items() if known != name})

    def _write(self, filters: dict[str, str]) -> None:
        self._settings.setValue(_SAVED, [f"{name}\t{text}" for name, text in filters.items()])

    def _texts(self, setting: str) -> list[str]:
        value = self._settings.value(setting) or []
        # A list of one comes back from an INI file as a string.
        return [value] if isinstance(value, str) else [str(item) for item in value]

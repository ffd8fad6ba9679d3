"""How the user shared the room between the parts of a panel, from one start of the program to the next."""

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QSplitter


def kept_sizes(settings: QSettings, name: str, count: int) -> list[int] | None:
    """The sizes of `count` parts in pixels that were kept under `name`; None where there are none."""
    value = settings.value(f"splits/{name}")
    if not isinstance(value, list) or len(value) != count or not all(str(size).isdecimal() for size in value):
        return None
    return [int(str(size)) for size in value]


def keep_sizes(settings: QSettings, name: str, sizes: list[int]) -> None:
    """Remember `sizes` in pixels."""
    settings.setValue(f"splits/{name}", sizes)


def remember_split(splitter: QSplitter, settings: QSettings, name: str, usual: list[int]) -> None:
    """Give the parts of `splitter` what the user gave them, `usual` until then, and keep what the user gives them.

    None of them can be dragged away to nothing.
    """
    splitter.setChildrenCollapsible(False)
    given = kept_sizes(settings, name, len(usual)) or list(usual)
    splitter.setSizes(given)

    def keep() -> None:
        for place, size in enumerate(splitter.sizes()):
            if (part := splitter.widget(place)) is not None and part.isVisible():
                given[place] = size
        keep_sizes(settings, name, given)

    splitter.splitterMoved.connect(keep)

"""What the command palette offers: every action of the menus and of the panels, and the things that are shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from inspector.ui.bucket_loader import BucketLoader
from inspector.ui.docs.search import meanings
from inspector.ui.feed import Feed
from inspector.ui.fuzzy import score
from inspector.ui.palette_buttons import PanelButton, PanelPlace, buttons_of
from inspector.ui.selection import Selection

_MOST_BUCKETS = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette."""

    title: str
    place: str
    """Where else it is found, or what it is."""
    run: Callable[[], object]
    shortcut: str = ""
    possible: bool = True
    weight: float = 0.0
    """Lets an entry stand before others that fit as well."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Where entries come from."""

    menu_bar: QMenuBar
    feed: Feed
    buckets: BucketLoader
    selection: Selection
    explain: Callable[[str], object]
    """Opens the help at a word."""
    docks: Mapping[str, PanelPlace]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Palette", text)


def entries(offers: Offers) -> list[Entry]:
    """All of them, as things are now."""
    actions = dict(_actions(offers.menu_bar.actions()))  # some stand in two menus
    in_panels: list[Entry] = []
    for button in buttons_of(offers.docks):
        if button.action is None or button.action not in actions:
            in_panels += [entry for action, entry in _behind(button, offers) if action not in actions]
    return [*actions.values(), *in_panels, *_buckets(offers), *_words(offers)]


def matching(wanted: str, offered: Iterable[Entry]) -> list[Entry]:
    """Those that fit, the best first; all that can be done when nothing is wanted yet."""
    if not wanted.strip():
        return [entry for entry in offered if entry.possible and entry.weight >= 0]
    found: list[tuple[float, Entry]] = []
    for entry in offered:
        fit = score(wanted, entry.title)
        if fit is None:
            fit = score(wanted, f"{entry.place} {entry.title}")
            fit = None if fit is None else fit - 8
        if fit is not None:
            found.append((fit + entry.weight - (0 if entry.possible else 6), entry))
    # Loose letters fit nearly everything; what they fit much worse than the best is noise.
    best = max((fit for fit, _ in found), default=0.0)
    found = [pair for pair in found if pair[0] > best * 0.35 - 2]
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


def by_number(wanted: str, offers: Offers) -> list[Entry]:
    """`#48101` or `frame 48101`: that frame, where there is a capture."""
    digits = wanted.strip().casefold().removeprefix("frame").removeprefix("#").strip()
    if not digits.isdecimal() or offers.feed.files.capture is None:
        return []

    def go() -> None:
        offers.selection.choose_frame(int(digits))
        offers.selection.reveal("frames")

    return [Entry(_tr("Go to frame {0}").format(digits), _tr("Frames"), go)]


def _actions(actions: Iterable[QAction], path: tuple[str, ...] = ()) -> Iterator[tuple[QAction, Entry]]:
    for action in actions:
        menu = action.menu()
        if isinstance(menu, QMenu):
            menu.aboutToShow.emit()
            yield from _actions(menu.actions(), (*path, _plain(menu.title())))
        elif not action.isSeparator() and action.isVisible() and action.text():
            hides = action.objectName().startswith("toggle-")
            yield (
                action,
                Entry(
                    _tr("Show or hide {0}").format(_plain(action.text())) if hides else _plain(action.text()),
                    " › ".join(path),
                    action.trigger,
                    action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                    action.isEnabled(),
                ),
            )


def _behind(button: PanelButton, offers: Offers) -> Iterator[tuple[QAction | None, Entry]]:
    """What a button of a panel does, or what stands in its menu."""

    def there(run: Callable[[], object]) -> Callable[[], None]:
        def go() -> None:
            offers.selection.reveal(button.panel)
            run()

        return go

    panel = button.place
    if button.menu is None:
        yield None, Entry(button.title, panel, there(button.press), possible=button.button.isEnabled())
        return
    button.menu.aboutToShow.emit()
    title = button.button.accessibleName() or button.title  # a button may show what is chosen in its menu
    for action, entry in _actions(button.menu.actions(), (panel, title)):
        yield action, replace(entry, run=there(entry.run))


def _plain(text: str) -> str:
    """A menu's text without the mark of its underlined letter."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").partition("\t")[0]


def _buckets(offers: Offers) -> Iterator[Entry]:
    snapshot = offers.buckets.snapshot
    if snapshot is None:
        return
    names = [bucket.name for _, group in snapshot.streams for bucket in group]
    for name in names[:_MOST_BUCKETS]:

        def go(full: str = name.full) -> None:
            offers.selection.choose_bucket(full)
            offers.selection.reveal("buckets")

        yield Entry(name.short, _tr("Bucket"), go, weight=-1.0)


def _words(offers: Offers) -> Iterator[Entry]:
    for word in meanings():
        title = _tr("What is “{0}”?").format(word)
        yield Entry(title, _tr("Help › Words"), partial(offers.explain, word), weight=-2.0)

"""The statements that were run: kept between sessions, and offered again, newest first."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QMenu

_KEY = "sql/history"
_KEPT, _OFFERED = 100, 20
_LONGEST = 70


def kept_history(settings: QSettings) -> list[str]:
    """Statements, oldest first."""
    kept = settings.value(_KEY)
    found = kept if isinstance(kept, list) else [kept] if isinstance(kept, str) else []
    return [str(sql) for sql in found]


def keep_history(settings: QSettings, history: Sequence[str]) -> None:
    """Remember the newest of these."""
    settings.setValue(_KEY, list(history[-_KEPT:]))


def fill_history_menu(menu: QMenu, history: Sequence[str], choose: Callable[[str], None]) -> None:
    """Offer each of the newest once."""
    for sql in list(dict.fromkeys(reversed(history)))[:_OFFERED]:
        title = " ".join(sql.split())
        shown = title if len(title) <= _LONGEST else f"{title[:_LONGEST]}…"
        menu.addAction(shown.replace("&", "&&"), partial(choose, sql))
    if menu.isEmpty():
        menu.addAction(QCoreApplication.translate("SqlPanel", "Nothing was run yet")).setEnabled(False)

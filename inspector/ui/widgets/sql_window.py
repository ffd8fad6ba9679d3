"""A window onto rows that live in SQLite: only the pages that were looked at last are held."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")

PAGE_ROWS = 128
PAGES_KEPT = 48


class SqlWindow(Generic[R]):
    """Rows by their position, fetched a page at a time and forgotten by age.

    `fetch(first, count)` reads positions `first` … by a key range, never by OFFSET, so that any page costs the same;
    it may return fewer rows where the table ends.
    """

    def __init__(self, fetch: Callable[[int, int], Sequence[R]]) -> None:
        self._fetch = fetch
        self._pages: OrderedDict[int, Sequence[R]] = OrderedDict()

    def row(self, position: int) -> R | None:
        """The row at `position`; None beyond the end."""
        number, offset = divmod(position, PAGE_ROWS)
        page = self._pages.get(number)
        if page is None or offset >= len(page):
            page = self._load(number)
        else:
            self._pages.move_to_end(number)
        return page[offset] if offset < len(page) else None

    def forget(self) -> None:
        """Read every page anew when it is next asked for: rows may have changed."""
        self._pages.clear()

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return sum(map(len, self._pages.values()))

    def held(self) -> Iterator[R]:
        """The rows that are in memory."""
        for page in self._pages.values():
            yield from page

    def _load(self, number: int) -> Sequence[R]:
        page = self._fetch(number * PAGE_ROWS, PAGE_ROWS)
        self._pages[number] = page
        self._pages.move_to_end(number)
        if len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return page

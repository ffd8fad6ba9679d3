"""The pages under `resources/docs`, wherever the program was installed from."""

import re
from dataclasses import dataclass
from pathlib import Path

_PLACE = ("resources", "docs")
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.M)


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the name of its file, without the ending."""

    name: str
    title: str


PAGES = (
    Page("panels", "How to read the panels"),
    Page("connect", "How to connect"),
    Page("filter", "The filter language"),
    Page("faults", "The fault lab"),
    Page("service", "The embedded service"),
    Page("words", "Words"),
    Page("changelog", "What is new"),
)


def docs_folder() -> Path | None:
    """Beside the package in a checkout, else where an installation put the files; None when neither has them."""
    checkout = Path(__file__).resolve().parents[3].joinpath(*_PLACE)
    if checkout.is_dir():
        return checkout
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution("powersync-inspector").files or []
    except PackageNotFoundError:
        return None
    for file in files:
        if file.parts[-3:-1] == _PLACE:
            return Path(str(file.locate())).resolve().parent
    return None


def available_pages() -> list[Page]:
    """Those that are there."""
    folder = docs_folder()
    return [page for page in PAGES if folder is not None and (folder / f"{page.name}.md").is_file()]


def page_text(name: str) -> str:
    """A page as Markdown, without pictures of the window that it stands beside; a sentence when it is not there."""
    folder = docs_folder()
    file = folder / f"{name}.md" if folder is not None else None
    if file is None or not file.is_file():
        return (
            f"The page “{name}” is not part of this installation. It lies in the folder resources/docs of the sources."
        )
    return _PICTURE.sub("", file.read_text(encoding="utf-8"))

"""How a source is shown: the options that every command has for it, and a window or the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inspector.engine.control import Start
from inspector.engine.errors import SettingsError

if TYPE_CHECKING:
    from inspector.ui.sources import ServiceHandle

Headless = Annotated[bool, typer.Option("--headless", help="Follow the stream in the terminal, one line a frame.")]
Json = Annotated[bool, typer.Option("--json", help="With --headless: one JSON object a line.")]
UntilSynced = Annotated[
    bool,
    typer.Option("--until-synced", help="With --headless: exit 0 after the first full checkpoint, or say why not."),
]
Screenshot = Annotated[
    Path | None, typer.Option("--screenshot", metavar="FILE", help="Save the window as a PNG once synced, and exit.")
]
Size = Annotated[
    str | None, typer.Option("--size", metavar="WxH", help="The window's size in pixels, instead of the remembered.")
]
_THEMES = ("dark", "light", "system")


def _known_theme(name: str | None) -> str | None:
    """Raises SettingsError for a theme that there is not."""
    if name is None or name in _THEMES:
        return name
    raise SettingsError(f"There is no theme “{name}”.", next_step="Choose dark, light or system.")


Theme = Annotated[
    str | None,
    typer.Option(
        "--theme",
        metavar="dark|light|system",
        callback=_known_theme,
        help="Colours, instead of the remembered.",
    ),
]


def show(
    start: Start,
    title: str,
    headless: bool,
    as_json: bool,
    until_synced: bool,
    screenshot: Path | None,
    size: str | None,
    theme: str | None,
    *,
    service: "ServiceHandle | None" = None,
) -> int:
    """Follow in the terminal or show a window; the exit code."""
    if (as_json or until_synced) and not headless:
        raise SettingsError("--json and --until-synced belong to --headless.", next_step="Add --headless.")
    if headless:
        from inspector.cli.follow import follow

        return follow(start, as_json=as_json, until_synced=until_synced)
    from inspector.ui.app import LiveSource, run_window

    source = LiveSource(start=start, title=title, demo=service is not None, service=service)
    return run_window(source, screenshot=screenshot, size=window_size(size), theme=theme)


def window_size(text: str | None) -> tuple[int, int] | None:
    """Like `1440x900`; None where none is asked for. Raises SettingsError."""
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if width.isdigit() and height.isdigit() and int(width) >= 640 and int(height) >= 400:
        return int(width), int(height)
    raise SettingsError(f"“{text}” is no window size.", next_step="Give it like 1440x900; 640x400 is the smallest.")

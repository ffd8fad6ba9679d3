"""`inspector demo`: a service of its own, and one client or two."""

from pathlib import Path

from inspector.cli.sessions import SessionFiles, passing_session
from inspector.cli.showing import show, window_size
from inspector.engine.errors import SettingsError


def demo_of_one(
    user: str,
    headless: bool,
    as_json: bool,
    until_synced: bool,
    screenshot: Path | None,
    size: str | None,
    theme: str | None,
) -> int:
    """One client of a service whose rows keep changing; the exit code."""
    from inspector.cli.demo import NAMES, demo_start
    from inspector.cli.service_process import service_process

    users = [name.lower() for name in NAMES]
    if user not in users:
        raise SettingsError(f"The demo has no user “{user}”.", next_step=f"Choose {' or '.join(users)}.")
    with passing_session() as files, service_process(*_kept_in(files)) as service:
        start = demo_start(service.ready, user, files.client_database.parent)
        return show(start, "Demo service", headless, as_json, until_synced, screenshot, size, theme, service=service)


def demo_of_two(*, story: bool, screenshot: Path | None, size: str | None, theme: str | None) -> int:
    """Two clients side by side that share a list, or the story without a window; the exit code."""
    from inspector.cli.demo import NAMES, demo_start, play_story
    from inspector.cli.service_process import service_process

    with passing_session() as files, service_process("--no-writer", "--groceries", *_kept_in(files)) as service:
        folder = files.client_database.parent
        if story:
            return play_story(service.ready, folder)
        from inspector.ui.app import ClientsSource, LiveSource, run_window

        clients = tuple(
            LiveSource(demo_start(service.ready, name.lower(), folder), "Demo service", True, name, service)
            for name in NAMES
        )
        return run_window(ClientsSource(clients), screenshot=screenshot, size=window_size(size), theme=theme)


def _kept_in(files: SessionFiles) -> tuple[str, str]:
    """The service's rows in the session's folder, so that a service that is started again has them."""
    return "--storage", str(files.client_database.with_name("service.db"))

"""What the data panel says of a table that no schema names, and where it has no table."""

from PySide6.QtCore import QCoreApplication

from inspector.analysis.state import NothingOpen, Opening, Unreadable
from inspector.store.data_queries import TableShape
from inspector.ui.feed import Feed


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataPanel", text)


def untyped_hint(shape: TableShape | None, *, schema_can_be_loaded: bool) -> str:
    """Why the app does not see the rows of a table; empty where it does."""
    if shape is None or shape.kind != "untyped":
        return ""
    text = _tr(
        "The client's schema has no table “{0}”, so the app does not see these rows: they wait in ps_untyped "
        "until a schema names it."
    ).format(shape.name)
    if schema_can_be_loaded:
        text += _tr(" File › Load the app's schema… gives this connection another one.")
    return text


def why_no_tables(feed: Feed, *, read: bool) -> str:
    """Why there is no table; `read` tells whether the database has been asked for them."""
    match feed.situation:
        case NothingOpen():
            return _tr("The app's tables appear here. Connect, start the demo, or open a file.")
        case Opening():
            return _tr("The file is being opened.")
        case Unreadable():
            return _tr("No tables are shown, because the file cannot be opened.")
    if feed.files.open_database is None:
        return feed.files.no_database or _tr("There is no client database to show data of.")
    if not read:
        return _tr("The tables are being read.")
    return _tr("There are no tables yet: they come with the app's schema, or with the first checkpoint.")

"""Commands on the running connection: the app's schema, the parameters, and where its files lie."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from inspector.engine import control
from inspector.ui.actions import Actions, connect
from inspector.ui.feed import Feed
from inspector.ui.sources import FileSource
from inspector.ui.widgets.problem_box import tell_problem


class SessionCommands(QObject):
    """Carries them out; what the engine refuses is said in a box over the window."""

    def __init__(self, window: QWidget, feed: Feed, actions: Actions) -> None:
        super().__init__(window)
        self._window, self._feed, self._actions = window, feed, actions
        connect(actions.load_schema, self._ask_for_schema)
        connect(actions.change_parameters, self._ask_for_parameters)
        connect(actions.open_folder, self._open_folder)
        feed.situation_changed.connect(self._enable)
        self._enable()

    def load_schema(self, file: Path) -> None:
        """Have the tables of the schema in `file`."""
        session, name = self._feed.active, str(file.absolute())
        if session is None:
            self._tell(
                control.Problem(
                    self.tr("A schema is for a connection."),
                    self.tr("A file that is opened has the tables that its app gave it, and is not changed."),
                    self.tr("Connect first; the app's schema can be given there, too."),
                )
            )
            return

        def answered(problem: control.Problem | None) -> None:
            if problem is None:
                session.take_schema(name)
            else:
                self._tell(problem)

        session.ask(control.LoadSchema(name), answered)

    @property
    def folder(self) -> Path | None:
        """Where the files of what is open lie."""
        source = self._feed.source
        if isinstance(source, FileSource):
            return source.path.absolute().parent
        if self._feed.active is None:
            return None
        status = self._feed.status
        named = status.client_database if status is not None else ""
        return (Path(named) if named else self._feed.active.client_database).absolute().parent

    def _ask_for_schema(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("The app's schema, as JSON"),
            "",
            self.tr("JSON as the SDKs serialise a schema (*.json);;All files (*)"),
        )
        if name:
            self.load_schema(Path(name))

    def _ask_for_parameters(self) -> None:
        session = self._feed.active
        if session is None:
            return
        start = session.source.start

        def send(command: control.SetParameters, refused: Callable[[control.Problem], None]) -> None:
            def answered(problem: control.Problem | None) -> None:
                if problem is None:
                    session.take_parameters(command.parameters, command.app_metadata)
                else:
                    refused(problem)

            session.ask(command, answered)

        # Imported when it is first wanted: the window opens sooner.
        from inspector.ui.parameters_dialog import ParametersDialog

        ParametersDialog(self._window, start.parameters, start.app_metadata, send).open()

    def _open_folder(self) -> None:
        if self.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    def _tell(self, problem: control.Problem) -> None:
        tell_problem(self._window, problem)

    def _enable(self) -> None:
        actions, status = self._actions, self._feed.status
        actions.load_schema.setEnabled(status is not None)
        actions.change_parameters.setEnabled(status is not None)
        actions.subscribe.setEnabled(status is not None)
        actions.open_folder.setEnabled(self.folder is not None)

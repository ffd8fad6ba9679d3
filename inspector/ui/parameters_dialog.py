"""Asks for other connection parameters while the connection goes on."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtWidgets import QFormLayout, QWidget

from inspector.engine import control
from inspector.engine.connection_entry import app_metadata_of, json_object
from inspector.protocol.errors import InspectorError
from inspector.ui.connection_dialog.lines import few_lines
from inspector.ui.widgets.form_dialog import FormDialog

Refused = Callable[[control.Problem], None]


class ParametersDialog(FormDialog):
    """Hands what was entered to `send`, with whom to tell why it cannot be done; what cannot be read is said here."""

    def __init__(
        self,
        parent: QWidget,
        parameters: dict[str, Any] | None,
        app_metadata: dict[str, str] | None,
        send: Callable[[control.SetParameters, Refused], None],
    ) -> None:
        super().__init__("parametersDialog", parent)
        self.setWindowTitle(self.tr("Change the connection's parameters"))
        self._send = send
        self.parameters = few_lines("newParameters", self.tr("Parameters"), '{"project": "p1"}')
        self.metadata = few_lines("newMetadata", self.tr("App metadata"), "app=shop")
        if parameters:
            self.parameters.setPlainText(msgspec.json.encode(parameters).decode())
        self.metadata.setPlainText("\n".join(f"{name}={value}" for name, value in (app_metadata or {}).items()))
        self.parameters.setToolTip(self.tr("Queries of the sync config may use them"))
        self.metadata.setToolTip(self.tr("For the service's logs; one name=value a line"))
        form = QFormLayout()
        form.addRow(self.tr("&Parameters, as a JSON object"), self.parameters)
        form.addRow(self.tr("App &metadata"), self.metadata)
        self._lay_out(form, self.tr("Replace the stream"), width=560)

    def _accept(self) -> None:
        try:
            parameters = json_object(self.parameters.toPlainText(), "connection parameters", '{"project": "p1"}')
            lines = self.metadata.toPlainText().splitlines()
            metadata = app_metadata_of(line for line in lines if line.strip())
        except InspectorError as error:
            self.problems.say([control.Problem(error.what, error.why, error.next_step)])
            return
        self._send(control.SetParameters(parameters, metadata), lambda problem: self.problems.say([problem]))
        self.accept()

"""Asks for a stream to subscribe to. Modal to nothing: syncing goes on, and so does everything else."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from inspector.engine.control import Problem, StreamSubscription
from inspector.ui.fonts import mono_font
from inspector.ui.widgets.form_dialog import FormDialog

_DAY = 86_400


class SubscribeDialog(FormDialog):
    """Hands what was entered to `subscribe`; what cannot be read is said beside it."""

    def __init__(self, parent: QWidget, subscribe: Callable[[StreamSubscription], None]) -> None:
        super().__init__("subscribeDialog", parent)
        self.setWindowTitle(self.tr("Subscribe to a stream"))
        self._subscribe = subscribe
        self.stream, self.parameters, self.ttl, self.priority = (QLineEdit() for _ in range(4))
        self.stream.setPlaceholderText("list_todos")
        self.parameters.setPlaceholderText('{"list": "list-7"}')
        self.parameters.setFont(mono_font())
        self.ttl.setPlaceholderText(str(_DAY))
        self.priority.setPlaceholderText(self.tr("the stream's own"))
        form = QFormLayout()
        form.addRow(self.tr("&Stream"), self.stream)
        form.addRow(self.tr("&Parameters, as a JSON object"), self.parameters)
        form.addRow(self.tr("&Lives on for, in seconds"), self.ttl)
        form.addRow(self.tr("P&riority"), self.priority)
        self.accept_button.setObjectName("subscribeButton")
        self._lay_out(form, self.tr("Subscribe"), width=460)

    def _accept(self) -> None:
        problem, subscription = self._entered()
        if subscription is None:
            self.problems.say([problem] if problem is not None else [])
            return
        self._subscribe(subscription)
        self.accept()

    def _entered(self) -> tuple[Problem | None, StreamSubscription | None]:
        tr = self.tr
        # As it is written elsewhere: list_todos{"list": "list-7"}
        name, brace, beside = self.stream.text().partition("{")
        if not name.strip():
            return Problem(tr("No stream is named."), "", tr("Give its name as the sync config has it.")), None
        within = self.parameters.text().strip()
        if brace and within:
            return Problem(tr("The parameters are given twice."), "", tr("Give them in one of the two fields.")), None
        parameters: dict[str, Any] | None = None
        if text := brace + beside or within:
            try:
                parameters = msgspec.json.decode(text, type=dict[str, Any])
            except msgspec.MsgspecError as error:
                why, example = f"{error}.", tr('Give them like {"list": "list-7"}.')
                return Problem(tr("The parameters are no JSON object."), why, example), None
        numbers: list[int | None] = []
        for line, what in ((self.ttl, tr("time to live")), (self.priority, tr("priority"))):
            entered = line.text().strip()
            if entered and not entered.isdecimal():
                return Problem(
                    tr("The {0} is no whole number.").format(what), "", tr("Leave it empty or give one.")
                ), None
            numbers.append(int(entered) if entered else None)
        return None, StreamSubscription(name.strip(), parameters, ttl=numbers[0], priority=numbers[1])

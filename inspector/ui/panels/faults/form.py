"""The chosen fault: what it does, its parameters, and the buttons that arm and lift it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.engine.control import ArmFault, LiftFault
from inspector.service.faults.fault import Fault, Parameter
from inspector.ui.panels.faults.columns import FaultLine
from inspector.ui.theme import Colour
from inspector.ui.widgets.choice_box import ChoiceBox
from inspector.ui.widgets.flow_row import FlowRow
from inspector.ui.widgets.number_box import NumberBox
from inspector.ui.widgets.problem_label import ProblemLabel
from inspector.ui.widgets.tone import set_tone
from inspector.words import clock, plural

_MOST_TIMES = 999
_LEAST_WORDS = 44
"""Pixels: two lines of what the fault does."""


class FaultForm(QFrame):
    """Gives orders; what becomes of them is shown by the list."""

    ordered = Signal(object)
    """`ArmFault` or `LiftFault`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("aboutFault")
        self._fault: Fault | None = None
        self._user = ""
        self.title, self.what, self.expect, self.last = (_wrapped() for _ in range(4))
        set_tone(self.title, Colour.TEXT, bold=True)
        for label in (self.expect, self.last):
            set_tone(label, Colour.DIM)
        self.problems = ProblemLabel()
        self.inputs: dict[str, QWidget] = {}
        self.parameters = QFormLayout()
        self.parameters.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        # In a narrow dock a label stands above its field, whole.
        self.parameters.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.whom = ChoiceBox()
        self.whom.setObjectName("faultWhom")
        self.whom.setAccessibleName(self.tr("Whom it strikes"))
        self.times = NumberBox()
        self.times.setObjectName("faultTimes")
        self.times.setRange(2, _MOST_TIMES)
        self.times.setValue(3)
        self.times.setAccessibleName(self.tr("How many times"))
        self.once, self.several, self.until_off, self.lift = (QToolButton() for _ in range(4))
        for button in (self.once, self.several, self.until_off, self.lift):
            button.setObjectName("panelButton")
        self._lay_out()
        self.once.clicked.connect(lambda: self._arm(1))
        self.several.clicked.connect(lambda: self._arm(self.times.value()))
        self.until_off.clicked.connect(lambda: self._arm(None))
        self.lift.clicked.connect(self._lift)
        self.times.valueChanged.connect(lambda _: self._name_buttons())
        self.hide()

    def _lay_out(self) -> None:
        # A fault that is chosen tells of what: requests, lines, uploads.
        self.once.setText(self.tr("Arm once"))
        self.several.setText(self.tr("Arm several times"))
        self.until_off.setText(self.tr("Arm until off"))
        self.lift.setText(self.tr("Lift"))
        self.lift.setToolTip(self.tr("End this fault, and what it still holds back"))
        words = QWidget()
        content = QVBoxLayout(words)
        content.setContentsMargins(10, 8, 10, 6)
        content.setSpacing(5)
        for label in (self.title, self.what):
            content.addWidget(label)
        content.addLayout(self.parameters)
        for label in (self.expect, self.last):
            content.addWidget(label)
        content.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("faultWords")
        scroll.setAccessibleName(self.tr("What the fault does"))
        scroll.setWidget(words)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumHeight(_LEAST_WORDS)
        orders = FlowRow()
        orders.setContentsMargins(10, 4, 10, 7)
        for button in (self.once, self.until_off, self.several, self.times, self.lift):
            orders.add(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        # However low the dock: the words scroll, what is done with them stays.
        layout.addWidget(scroll, 1)
        layout.addWidget(self.problems)
        layout.addWidget(orders)

    def show_fault(self, line: FaultLine | None, user: str) -> None:
        """Show a fault, or none; `user` is whom the window's client is for."""
        self.setVisible(line is not None)
        if line is None:
            self._fault = None
            return
        if line.fault is not self._fault or user != self._user:
            self._fault, self._user = line.fault, user
            self._show_words(line.fault)
            self._make_inputs(line.fault)
        self.lift.setEnabled(line.armed or bool(line.status and line.status.strikes))
        status = line.status
        told = status is not None and status.last_at is not None
        self.last.setVisible(told)
        if status is not None and status.last_at is not None:
            self.last.setText(
                self.tr("{0} so far, last at {1}: {2}").format(
                    plural(status.strikes, "strike"), clock(status.last_at), status.last
                )
            )

    def _show_words(self, fault: Fault) -> None:
        self.title.setText(fault.title)
        self.what.setText(fault.what)
        self.expect.setText(fault.expect)
        self.problems.say([])
        self._name_buttons()

    def _name_buttons(self) -> None:
        if self._fault is not None:
            unit = self._fault.unit.value
            self.once.setText(self.tr("Arm for the next {0}").format(unit))
            self.several.setText(self.tr("Arm for {0}").format(plural(self.times.value(), unit)))

    def _make_inputs(self, fault: Fault) -> None:
        # The box of users stays; the rows around it are made anew.
        self.whom.setParent(None)
        while self.parameters.rowCount():
            self.parameters.removeRow(0)
        self.inputs = {}
        for parameter in fault.parameters:
            widget = _input(parameter)
            widget.setObjectName(f"fault-{parameter.name}")
            widget.setAccessibleName(parameter.title)
            self.inputs[parameter.name] = widget
            self.parameters.addRow(_dim(parameter.title), widget)
        self.whom.clear()
        self.whom.addItem(self.tr("everybody"), "")
        if self._user:
            self.whom.addItem(self.tr("{0} only").format(self._user), self._user)
        self.parameters.addRow(_dim(self.tr("Whom")), self.whom)
        self.whom.show()

    def _arm(self, times: int | None) -> None:
        if self._fault is not None:
            parameters = {name: _value(widget) for name, widget in self.inputs.items()}
            self.ordered.emit(ArmFault(self._fault.name, parameters, times, str(self.whom.currentData() or "")))

    def _lift(self) -> None:
        if self._fault is not None:
            self.ordered.emit(LiftFault(self._fault.name))


def _input(parameter: Parameter) -> QWidget:
    if isinstance(parameter.default, int):
        number = NumberBox()
        number.setRange(parameter.least, parameter.most)
        number.setValue(parameter.default)
        number.setSuffix(f" {parameter.unit}" if parameter.unit else "")
        return number
    if parameter.choices:
        choice = ChoiceBox()
        choice.addItems(parameter.choices)
        choice.setCurrentText(parameter.default)
        return choice
    line = QLineEdit(parameter.default)
    line.setPlaceholderText("any")
    return line


def _value(widget: QWidget) -> int | str:
    match widget:
        case QSpinBox():
            return widget.value()
        case QComboBox():
            return widget.currentText()
        case QLineEdit():
            return widget.text().strip()
    return ""


def _wrapped() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    set_tone(label, Colour.DIM)
    return label

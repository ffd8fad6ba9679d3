"""The fault lab's panel: all faults by group, the chosen one with its buttons, whole networks, and the way out."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.engine.control import ArmFault, FaultStatus, LiftFault, Problem
from inspector.service.faults.fault import Fault, Preset
from inspector.ui.background import Background
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.fonts import zoomed
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.faults.form import FaultForm
from inspector.ui.panels.faults.model import FaultsModel
from inspector.ui.theme import Colour
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.flow_row import FlowRow
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone

_WIDE = 600
"""From here on the chosen fault stands beside the list, in pixels at 100 %."""
_LOW, _WIDE_FOR_ITS_HEIGHT = 300, 520
"""Where there is less height the list would have none below it: pixels at 100 %, and pixels."""


class FaultsPanel(CountedPanel):
    """Active while the open connection's service is the embedded one. The badge counts what is armed."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self.setObjectName("faultsPanel")
        self._context = context
        self._background = Background(self)
        self._catalogue: tuple[Fault, ...] = ()
        self._loading = False
        self._faults: tuple[FaultStatus, ...] = ()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.model = FaultsModel(self)
        self.table = RowTable(self.model, "faults", parent=self)
        self.table.setAccessibleName(self.tr("Faults by group"))
        self.table.restore_columns(context.settings)
        self.form = FaultForm()
        self.presets: dict[str, QToolButton] = {}
        self.lift_all = QToolButton()
        self.lift_all.setObjectName("panelButton")
        self.lift_all.setText(self.tr("Lift all"))
        self.lift_all.setToolTip(self.tr("End all faults, and what they still hold back"))
        self._network = FlowRow()
        self.lab = QWidget()
        self.note = EmptyNote(self, top=0)
        self._lay_out()
        self.table.row_chosen.connect(lambda _: self._show_chosen())
        self.table.menu_wanted.connect(self._add_orders)
        self.form.ordered.connect(self._order)
        self.lift_all.clicked.connect(lambda: self._order(LiftFault()))
        context.feed.situation_changed.connect(self._update)
        self._update()

    def save(self) -> None:
        """Remember the columns."""
        self.table.save_columns(self._context.settings)

    def shut_down(self) -> None:
        """Load nothing any more."""
        self._background.close()

    def _lay_out(self) -> None:
        label = QLabel(self.tr("Network like"))
        set_tone(label, Colour.DIM)
        bar = QFrame()
        bar.setObjectName("choiceStrip")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(6)
        self._network.add(label)
        row.addWidget(self._network, 1)
        row.addWidget(self.lift_all, 0, Qt.AlignmentFlag.AlignTop)
        list_half = QVBoxLayout()
        list_half.addWidget(self.table, 1)
        list_half.addWidget(bar)
        self._halves.addLayout(list_half, 1)
        self._halves.addWidget(self.form, 1)
        self.lab.setLayout(self._halves)
        outside = QVBoxLayout(self)
        outside.addWidget(self.lab)
        self.setFocusProxy(self.table)
        for layout in (list_half, outside, self._halves):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = self.height() < zoomed(_LOW)
        wide = self.width() >= (_WIDE_FOR_ITS_HEIGHT if low else zoomed(_WIDE))
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _update(self) -> None:
        status = self._context.feed.status
        active = status is not None and status.fault_lab
        if active and not self._catalogue:
            self._load()
        shown = active and bool(self._catalogue)
        self.lab.setVisible(shown)
        self.note.say("" if shown else self._why_empty())
        faults = status.faults if status is not None else ()
        armed = sum(fault.armed for fault in faults)
        self.tell_count(armed or None)
        if shown and (faults != self._faults or not self.model.row_count()):
            self._faults = faults
            self.model.show_faults(self._catalogue, faults)
            if not self.table.header.resized_by_user:
                self.table.fit_columns()
            self.lift_all.setEnabled(bool(faults))
            self._show_chosen()

    def _load(self) -> None:
        """What faults there are comes with the service's code, which is not loaded without need."""
        if not self._loading:
            self._loading = True
            self._background.run(_catalogue, self._loaded)

    def _loaded(self, loaded: tuple[tuple[Fault, ...], tuple[Preset, ...]]) -> None:
        self._catalogue, presets = loaded
        for preset in presets:
            button = QToolButton()
            button.setObjectName("panelButton")
            button.setText(preset.title)
            faults = "; ".join(
                f"{name}: {', '.join(f'{key} {value}' for key, value in values.items())}"
                for name, values in preset.faults.items()
            )
            button.setToolTip(self.tr("Arm until off: {0}").format(faults))
            button.clicked.connect(lambda _=False, name=preset.name: self._order(ArmFault(preset=name)))
            self._network.add(button)
            self.presets[preset.name] = button
        self._update()

    def _show_chosen(self) -> None:
        status = self._context.feed.status
        line = self.model.fault_at(self.table.currentIndex().row())
        self.form.show_fault(line, status.user_id if status is not None else "")

    def _add_orders(self, menu: QMenu, row: int, _column: int) -> None:
        """A low panel has little room for the buttons."""
        if self.model.fault_at(row) is None:
            return
        self.table.choose_row(row)
        menu.addSeparator()
        for button in (self.form.once, self.form.until_off, self.form.lift):
            action = menu.addAction(button.text(), button.click)
            action.setEnabled(button.isEnabled())

    def _order(self, order: ArmFault | LiftFault) -> None:
        self._context.feed.ask(order, self._answered)

    def _answered(self, problem: Problem | None) -> None:
        self.form.problems.say([] if problem is None else [problem])

    def _why_empty(self) -> str:
        status = self._context.feed.status
        if status is None:
            return self.tr(
                "Faults are injected by the embedded service, so that one sees what they look like. Start the demo, or"
                " connect to “inspector service” on this machine, and they can be armed here."
            )
        if status.fault_lab:
            return self.tr("The faults are being loaded.")
        if not status.transport:
            return self.tr("The fault lab opens once the embedded service has answered.")
        return self.tr(
            "This service injects no faults: it is not the embedded one. Start the demo, or connect to “inspector"
            " service” on this machine, and faults can be armed here."
        )


def _catalogue() -> tuple[tuple[Fault, ...], tuple[Preset, ...]]:
    from inspector.service.faults.catalogue import CATALOGUE, PRESETS

    return CATALOGUE, PRESETS

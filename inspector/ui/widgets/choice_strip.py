"""A row of small buttons of which one is down: another view of the same thing."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.room_for_buttons import RoomForButtons
from inspector.ui.widgets.tone import set_tone


class ChoiceStrip(QFrame):
    """The choices by their position; `remark` stands at the right end."""

    chosen = Signal(int)
    """By hand."""

    def __init__(self, titles: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName("choiceStrip")
        # Buttons would keep a panel from being made narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self.remark = ElidedLabel()
        self.remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.remark.setMinimumWidth(0)
        set_tone(self.remark, Colour.DIM)
        layout = self._layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(6)
        for number, title in enumerate(titles):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setObjectName("choice")
            button.installEventFilter(self)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addWidget(self.remark, 1)
        self._ends = RoomForButtons(self, layout, self._kept)
        self._group.idClicked.connect(self.chosen)
        self.choose(0)

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end. Buttons that there is no room for stand in a menu there."""
        self._ends.add(widget)
        if isinstance(widget, QToolButton):
            widget.installEventFilter(self)

    def show_widget(self, widget: QWidget, shown: bool) -> None:
        """Whether a widget at the right end is there, if in the menu."""
        self._ends.want(widget, shown)

    @property
    def more(self) -> QToolButton:
        """Opens the menu of what there is no room for."""
        return self._ends.more

    def _kept(self) -> int:
        """What the choices take, in pixels."""
        margins = self._layout.contentsMargins()
        choices = [button for button in self._group.buttons() if not button.isHidden()]
        taken = sum(button.sizeHint().width() + self._layout.spacing() for button in choices)
        return margins.left() + margins.right() + taken

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of a button that is too narrow Qt would leave out the middle: its first word tells most."""
        if event.type() is not QEvent.Type.Paint or not isinstance(watched, QToolButton):
            return False
        if (missing := watched.sizeHint().width() - watched.width()) <= 0:
            return False
        option = QStyleOptionToolButton()
        watched.initStyleOption(option)
        room = watched.fontMetrics().horizontalAdvance(watched.text()) - missing
        option.text = watched.fontMetrics().elidedText(watched.text(), Qt.TextElideMode.ElideRight, room)
        painter = QStylePainter(watched)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        painter.end()
        return True

    def choose(self, number: int) -> None:
        """Put one down, without telling."""
        self._group.button(number).setChecked(True)

    def rename(self, number: int, title: str) -> None:
        """Call one another name."""
        self._group.button(number).setText(title)

    def offer(self, number: int, offered: bool) -> None:
        """Whether this choice can be made."""
        self._group.button(number).setVisible(offered)

    @property
    def choice(self) -> int:
        """The one that is down."""
        return self._group.checkedId()

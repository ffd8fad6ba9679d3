"""How much time is on screen, and whether the newest moment stays there: two buttons for the panel's title row."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from inspector.ui.panels.timeline.geometry import AXIS
from inspector.words import NS

DEFAULT_SPAN = 120 * NS
_SPANS = (("30 s", 30 * NS), ("2 min", DEFAULT_SPAN), ("10 min", 600 * NS))


class TimelineControls(QWidget):
    """Spans are in ns; 0 is all of the capture."""

    span_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._home = parent
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setObjectName("timelineControls")
        self.span_button = QToolButton()
        self.span_button.setObjectName("laneChoice")
        self.span_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.span_button.setToolTip(
            self.tr(
                "How much time is on screen; a double click shows all. Shift and dragging measures: by key, [ and ] put"
                " the two markers, and Shift with an arrow moves the second"
            )
        )
        self.span_button.setAccessibleName(self.tr("Time on screen"))
        menu, group = QMenu(self.span_button), QActionGroup(self)
        self.span_actions: dict[int, QAction] = {}
        for title, span in (*_SPANS, (self.tr("All"), 0)):
            action = menu.addAction(title)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, span=span: self.span_wanted.emit(span))
            group.addAction(action)
            self.span_actions[span] = action
        self.span_button.setMenu(menu)
        self.follow_button = QToolButton()
        self.follow_button.setObjectName("laneChoice")
        self.follow_button.setCheckable(True)
        self.follow_button.setToolTip(self.tr("Keep the newest moment at the right edge (F)"))
        self.follow_button.setAccessibleName(self.tr("Follow the newest moment"))
        self.follow_button.toggled.connect(self._name_follow)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(4)
        layout.addWidget(self.span_button)
        layout.addWidget(self.follow_button)
        self.follow_button.setChecked(True)

    def name_span(self, span: int) -> None:
        """Say how much is on screen."""
        names = {known: title for title, known in _SPANS} | {0: self.tr("All")}
        for known, action in self.span_actions.items():
            action.setChecked(known == span)
        self.span_button.setText(f"{names.get(span, self.tr('Zoom'))} ▾")
        self.fit()

    def offer(self, *, shown: bool, live: bool) -> None:
        """Which of them make sense."""
        self.span_button.setVisible(shown)
        self.follow_button.setVisible(shown and live)
        self.fit()

    def fit(self) -> None:
        """Stand at the right end of the axis, where no title row has them."""
        at_home = self.parentWidget() is self._home
        self.setAutoFillBackground(at_home)
        if at_home:
            width = self.sizeHint().width()
            self.setGeometry(self._home.width() - width, 1, width, AXIS - 2)

    def _name_follow(self, following: bool) -> None:
        self.follow_button.setText(f"{self.tr('Follow')} {'●' if following else '○'}")
        self.fit()

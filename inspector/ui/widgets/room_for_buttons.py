"""Which of a row's buttons are shown in the room that there is: the others stand in a menu at its end."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QBoxLayout, QMenu, QToolButton, QWidget

_MOMENTS = (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Polish)


class RoomForButtons(QObject):
    """The widgets at the right end of the row `strip`, from left to right: all of them, or the first ones and *More*.

    `taken` says how many pixels of it belong to others. Whether a widget is wanted is told here and not by hiding it:
    what is hidden for want of room is still wanted.
    """

    def __init__(self, strip: QWidget, layout: QBoxLayout, taken: Callable[[], int]) -> None:
        super().__init__(strip)
        self._strip, self._layout, self._taken = strip, layout, taken
        self._widgets: list[QWidget] = []
        self._wanted: set[QWidget] = set()
        self.more = QToolButton()
        self.more.setObjectName("panelButton")
        self.more.setText(self.tr("More ▾"))
        self.more.setAccessibleName(self.tr("More actions"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self.menu.aboutToShow.connect(self._fill)
        self.more.hide()
        layout.addWidget(self.more)
        strip.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._strip and event.type() in _MOMENTS:
            self._share()
        return False

    def add(self, widget: QWidget) -> None:
        """Put `widget` behind the others, and want it."""
        self._widgets.append(widget)
        self._wanted.add(widget)
        self._layout.insertWidget(self._layout.count() - 1, widget)

    def want(self, widget: QWidget, wanted: bool) -> None:
        """Whether it is to be there."""
        (self._wanted.add if wanted else self._wanted.discard)(widget)
        self._share()

    @property
    def left_out(self) -> list[QToolButton]:
        """The buttons that are wanted and stand in the menu."""
        return [it for it in self._widgets if isinstance(it, QToolButton) and it in self._wanted and it.isHidden()]

    def _share(self) -> None:
        """Show what fits."""
        width = self._strip.width() - self._taken()
        wanted = [widget for widget in self._widgets if widget in self._wanted]
        shown = list(wanted)
        if self._width_of(shown) > width:
            while self._width_of([*shown, self.more]) > width and (out := _last_button(shown)) is not None:
                shown.remove(out)
        for widget in self._widgets:
            _show(widget, widget in shown)
        _show(self.more, len(shown) < len(wanted))

    def _width_of(self, widgets: list[QWidget]) -> int:
        return sum(widget.sizeHint().width() + self._layout.spacing() for widget in widgets)

    def _fill(self) -> None:
        self.menu.clear()
        for button in self.left_out:
            if button.popupMode() is QToolButton.ToolButtonPopupMode.InstantPopup:
                button.menu().setTitle(button.text().rstrip(" ▾"))
                self.menu.addMenu(button.menu())
            else:
                self.menu.addAction(_stand_in(button, self.menu))


def _last_button(widgets: list[QWidget]) -> QWidget | None:
    return next((widget for widget in reversed(widgets) if isinstance(widget, QToolButton)), None)


def _stand_in(button: QToolButton, menu: QMenu) -> QAction:
    """Says what the button says now, and presses it. Not the action behind the button: what a menu is cleared of may
    forget whom it told."""
    action = QAction(button.text(), menu)
    action.setEnabled(button.isEnabled())
    action.setToolTip(button.toolTip())
    action.setCheckable(button.isCheckable())
    action.setChecked(button.isChecked())
    action.triggered.connect(lambda: button.click())
    return action


def _show(widget: QWidget, shown: bool) -> None:
    explicit = widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    if not explicit or widget.isHidden() is shown:
        widget.setVisible(shown)

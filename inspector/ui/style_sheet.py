"""The little that a palette cannot say: flat buttons, docks' tabs, headers, separators, scroll bars."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from inspector.ui.fonts import SMALL_SIZE, header_height, zoomed

_TEMPLATE = Template("""
QMainWindow { background: $PANEL; }
QMainWindow::separator { background: $LINE; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $ACCENT; }

QDockWidget { background: $HEADER; border: 1px solid $FAINT; padding: 3px; }

QMenuBar { background: $HEADER; padding: 1px 4px; }
QMenuBar::item { background: transparent; padding: 3px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: $SELECTION; }
QMenu { background: $HEADER; border: 1px solid $LINE; padding: 4px; }
QMenu::item { padding: 4px 28px 4px 24px; border-radius: 4px; }
QMenu::item:selected { background: $SELECTION; }
QMenu::item:disabled { color: $FAINT; }
QMenu::separator { height: 1px; background: $LINE; margin: 4px 6px; }
QMenu::indicator { width: 14px; height: 14px; left: 5px; }

QToolBar { background: $HEADER; border: none; border-bottom: 1px solid $LINE; padding: 5px 6px; spacing: 10px; }
QToolBar#mainToolBar { padding: 0; }
QToolBar#stateBar { padding: 0; spacing: 0; border: none; }
QToolButton, QPushButton {
  background: $PANEL; color: $TEXT; border: 1px solid $LINE; border-radius: 5px; padding: 3px 10px; min-height: 19px;
}
QToolButton:hover, QPushButton:hover { border-color: $FAINT; }
QToolButton:pressed, QPushButton:pressed { background: $SELECTION; }
QToolButton:checked { background: $SELECTION; border-color: $ACCENT; }
QToolButton:focus, QPushButton:focus { border-color: $ACCENT; }
QToolButton:disabled, QPushButton:disabled { color: $FAINT; }
QToolButton::menu-indicator { image: none; width: 0; }
QPushButton:default { background: $ACCENT; color: $WINDOW; border-color: $ACCENT; font-weight: 600; }
QPushButton:default:focus { border-color: $TEXT; }
QPushButton#pill {
  background: $ACCENT; color: $WINDOW; border: none; border-radius: 11px; padding: 2px 12px; font-weight: 600;
}
QPushButton#pill:focus { border: 1px solid $TEXT; }
QPushButton#storyNext { background: $ACCENT; color: $WINDOW; border-color: $ACCENT; font-weight: 600; }
QPushButton#storyNext:focus { border-color: $TEXT; }
QPushButton#storyNext:disabled { background: $PANEL; color: $FAINT; border-color: $LINE; }

QToolButton#searchBox { padding: 3px 5px; background: $WINDOW; border-color: $EDGE; }
QToolButton#searchBox:hover { border-color: $DIM; }
QToolButton#searchBox:focus { border-color: $ACCENT; }
QLabel#keys { color: $DIM; border: 1px solid $LINE; border-radius: 3px; padding: 0 4px; font-size: ${SMALL}px; }
QWidget#helpSide { background: $HEADER; border-right: 1px solid $LINE; }
QWidget#helpSide QToolButton { padding: 3px 6px; }
QListWidget#helpPages { background: $HEADER; border: none; border-right: 1px solid $LINE; padding: 0 0 8px 0; }
QListWidget#helpPages::item { padding: 3px 8px; }
QListWidget#helpPages::item:selected { background: $SELECTION; color: $TEXT; }
QTextBrowser#helpText { background: $PANEL; border: none; }
QDialog QPlainTextEdit { background: $WINDOW; border: 1px solid $EDGE; border-radius: 5px; padding: 2px 4px; }
QDialog QPlainTextEdit:focus { border-color: $ACCENT; }
QDialog { background: $PANEL; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QFileDialog QToolButton { padding: 3px; }
QInputDialog QLineEdit { min-width: 340px; }
QLabel#qt_msgbox_informativelabel { min-width: 340px; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid $DIM; border-radius: 3px; background: $WINDOW; }
QCheckBox::indicator:checked { background: $ACCENT; border-color: $ACCENT; image: url("$TICK"); }
QCheckBox::indicator:checked:disabled { background: $FAINT; border-color: $FAINT; }
QCheckBox::indicator:focus { border-color: $TEXT; }
QFrame#commandPalette { background: $HEADER; border: 1px solid $FAINT; border-radius: 7px; }

QTabBar { background: $HEADER; font-weight: 600; }
QTabBar::tab { padding: 0 12px; min-height: 28px; max-height: 28px; border: none; }

QHeaderView { background: $HEADER; border: none; font-size: ${SMALL}px; }
QHeaderView::section {
  background: $HEADER; color: $DIM; border: none; border-bottom: 1px solid $LINE; padding: 0 8px; font-size: ${SMALL}px;
}
QHeaderView::section:hover { color: $TEXT; }

QLineEdit { background: $WINDOW; border: 1px solid $EDGE; border-radius: 5px; padding: 3px 8px; }
QLineEdit:focus { border-color: $ACCENT; }

QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
RowTable[headed="true"] QScrollBar:vertical { margin-top: ${HEADER_HEIGHT}px; }
QScrollBar::handle { background: $LINE; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $FAINT; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QToolButton#choice {
  padding: 1px 8px; min-height: 15px; font-size: ${SMALL}px; color: $DIM; border-color: transparent;
}
QToolButton#choice:checked { color: $TEXT; border-color: $LINE; background: $HEADER; }
QToolButton#panelButton, QToolButton[small="true"] { padding: 1px 8px; min-height: 15px; font-size: ${SMALL}px; }
QPlainTextEdit { background: $PANEL; border: none; }
QPlainTextEdit#sqlEditor { background: $WINDOW; padding: 6px 8px; }
QListView#completions { background: $HEADER; border: 1px solid $LINE; padding: 2px; }
QListView#completions::item { padding: 2px 6px; }
QListView#completions::item:selected { background: $SELECTION; color: $TEXT; }
QPlainTextEdit#uploadExchange { border-left: 1px solid $LINE; padding: 4px 8px; }
QLineEdit#columnFilter { padding: 0 5px; font-size: ${SMALL}px; border-radius: 3px; }
QLineEdit#cellEditor { padding: 0 6px; border: 1px solid $ACCENT; border-radius: 0; background: $WINDOW; }
QSplitter::handle { background: $LINE; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:hover { background: $ACCENT; }
QLabel#rowVerdict { padding: 7px 12px 2px 12px; }
QLabel#findingTitle { font-weight: 600; }
QFrame#footNote { border: none; border-top: 1px solid $LINE; }
QToolButton#filterSwitch { padding: 2px 8px; color: $DIM; border-color: transparent; background: transparent; }
QToolButton#filterSwitch:checked { color: $TEXT; border-color: $LINE; background: $HEADER; }
QToolButton#clearFilter { background: transparent; border: none; padding: 0; min-height: 0; color: $DIM; }
QToolButton#clearFilter:hover { color: $TEXT; }
QListView#filterOffers { background: $HEADER; color: $TEXT; border: 1px solid $LINE; padding: 0; outline: none; }
QListView#filterOffers::item { padding: 3px 8px; }
QListView#filterOffers::item:selected { background: $SELECTION; color: $TEXT; }
QWidget#filterLine { border-bottom: 1px solid $LINE; }
QToolButton#laneChoice {
  padding: 0 5px; min-height: 15px; font-size: ${SMALL}px;
  color: $DIM; background: transparent; border-color: transparent;
}
QToolButton#laneChoice:hover { color: $TEXT; border-color: $LINE; }
QToolButton#laneChoice:checked { color: $TEXT; border-color: $ACCENT; background: $SELECTION; }
QFrame#filterStrip { border: none; border-bottom: 1px solid $LINE; background: $PANEL; }
QFrame#filterStrip QLineEdit { padding: 1px 7px; }
QFrame#choiceStrip { border: none; border-top: 1px solid $LINE; }
QLabel#detailHeading { padding: 9px 12px 8px 12px; }
QLabel#operationStanding { padding: 7px 12px 8px 12px; }
QLabel#mismatchVerdict { padding: 8px 12px 2px 12px; }
QLabel#mismatchDrift { padding: 0 12px 4px 12px; }
QLabel#mismatchRemarks { padding: 0 12px 8px 12px; }
QProgressBar { background: $LINE; border: none; border-radius: 3px; }
QProgressBar::chunk { background: $ACCENT; border-radius: 3px; }
QFrame#rule { background: $LINE; border: none; max-height: 1px; min-height: 1px; }
QLabel#detailProblem { padding: 6px 12px; }
QFrame#aboutBucket, QFrame#aboutFault { border: none; border-top: 1px solid $LINE; }
QLabel[tone="TEXT"] { color: $TEXT; }
QLabel[tone="DIM"] { color: $DIM; }
QLabel[tone="FINE"] { color: $FINE; }
QLabel[tone="HELD"] { color: $HELD; }
QLabel[tone="BROKEN"] { color: $BROKEN; }
QToolButton#clientFindings[tone="HELD"] { color: $HELD; }
QToolButton#clientFindings[tone="BROKEN"] { color: $BROKEN; }
QLabel[bold="true"] { font-weight: 600; }

QToolTip { background: $HEADER; color: $TEXT; border: 1px solid $LINE; padding: 4px 6px; }
""")


def style_sheet(colours: Mapping[str, str], *, dark: bool) -> str:
    """The style sheet with the theme's colours filled in; `colours` are `#rrggbb` by the names in the table."""
    tick = Path(__file__).with_name("tick-dark.svg" if dark else "tick-light.svg").as_posix()
    return _TEMPLATE.substitute(colours, SMALL=zoomed(SMALL_SIZE), HEADER_HEIGHT=header_height(), TICK=tick)

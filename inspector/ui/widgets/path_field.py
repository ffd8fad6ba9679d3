"""A line for a path, with a button that chooses one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget


class PathField(QWidget):
    """What is typed into `line` or chosen with the button; `name` is the line's object name."""

    changed = Signal()

    def __init__(self, name: str, title: str, *, new_file: bool = False) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(lambda _: self.changed.emit())
        self.browse = QPushButton(self.tr("Choose…"))
        self.browse.setAccessibleName(self.tr("Choose: {0}").format(title))
        self.browse.clicked.connect(self._choose)
        self.browse.setAutoDefault(False)
        self._new_file = new_file
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)

    def text(self) -> str:
        """The path as it stands there."""
        return self.line.text().strip()

    def set_text(self, text: str) -> None:
        """Put a path there."""
        self.line.setText(text)

    def _choose(self) -> None:
        title = self.line.accessibleName()
        if self._new_file:
            # A file that is there is gone on with: nothing is overwritten.
            options = QFileDialog.Option.DontConfirmOverwrite
            name, _ = QFileDialog.getSaveFileName(self, title, self.text(), options=options)
        else:
            name, _ = QFileDialog.getOpenFileName(self, title, self.text())
        if name:
            self.set_text(name)

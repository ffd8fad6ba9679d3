"""A dialog that asks for something in a form. Modal to nothing: syncing goes on, and so does everything else."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QPushButton, QVBoxLayout, QWidget

from inspector.ui.widgets.problem_label import ProblemLabel


class FormDialog(QDialog):
    """A form, what is wrong with what was entered, and two buttons. Once it is closed, it is gone.

    `_accept` takes what stands in the form, or says in `problems` why it cannot.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.problems = ProblemLabel()
        self.accept_button = QPushButton()

    def _lay_out(self, form: QFormLayout, button: str, *, width: int) -> None:
        """The keyboard goes through the form first, so it is put in first; `width` in pixels."""
        buttons = QDialogButtonBox()
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.accept_button.setText(button)
        buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problems)
        layout.addWidget(buttons)
        self.resize(width, self.sizeHint().height())

    def _accept(self) -> None:
        self.accept()

"""A box for what went wrong where no panel has room to say it. It holds up nothing."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from inspector.engine.control import Problem


def tell_problem(parent: QWidget, problem: Problem) -> QMessageBox:
    """Show `problem` in its three sentences over `parent`."""
    box = QMessageBox(parent)
    box.setObjectName("problemBox")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(problem.what)
    box.setInformativeText("\n".join(part for part in (problem.why, problem.next_step) if part))
    box.addButton(QCoreApplication.translate("ProblemBox", "Close"), QMessageBox.ButtonRole.RejectRole)
    box.open()
    return box

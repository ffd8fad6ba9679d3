"""What is said of one mismatch: who is to blame, since when it was wrong, and what else is known."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from inspector.analysis.mismatch import Blame, MismatchReport
from inspector.ui.selection import Selection
from inspector.ui.theme import Colour
from inspector.ui.widgets.tone import set_tone


class MismatchReportView(QWidget):
    """Hidden while there is no mismatch."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self._selection = selection
        self._report: MismatchReport | None = None
        self.verdict = self._label("mismatchVerdict")
        self.drift = self._label("mismatchDrift")
        self.remarks = self._label("mismatchRemarks")
        set_tone(self.remarks, Colour.DIM)
        self.show_agreed = self._button(
            "showAgreed", self.tr("Show where it agreed"), self.tr("The newest checkpoint before at which it was right")
        )
        self.show_line = self._button(
            "showFirstLine", self.tr("Show the first line since"), self.tr("The first data line that came for it after")
        )
        self.show_agreed.clicked.connect(self._go_to_agreed)
        self.show_line.clicked.connect(self._go_to_line)
        self._links = QWidget()
        row = QHBoxLayout(self._links)
        row.setContentsMargins(12, 0, 12, 6)
        row.setSpacing(6)
        row.addWidget(self.show_agreed)
        row.addWidget(self.show_line)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.verdict, self.drift, self._links, self.remarks):
            layout.addWidget(part)
        self.show_report(None)

    def show_report(self, report: MismatchReport | None) -> None:
        """Tell about `report`."""
        self._report = report
        self.setVisible(report is not None)
        if report is None:
            return
        mark = "?" if report.blame is Blame.NOT_KNOWN else "✕"
        self.verdict.setText(f"{mark} {self.tr('Checkpoint')} {report.mismatch.checkpoint}: {report.verdict}")
        set_tone(self.verdict, Colour.HELD if report.blame is Blame.NOT_KNOWN else Colour.BROKEN, bold=True)
        self.remarks.setText(" ".join(report.remarks))
        drift = report.drift
        self.drift.setText(drift.sentence)
        self.drift.setVisible(bool(drift.sentence))
        self.show_agreed.setVisible(drift.agreed is not None)
        self.show_line.setVisible(drift.agreed is not None and drift.first_frame is not None)
        self._links.setVisible(drift.agreed is not None)

    def _label(self, name: str) -> QLabel:
        label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        label.setObjectName(name)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, name: str, title: str, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setToolTip(tooltip)
        button.setProperty("action", name)
        button.setObjectName("panelButton")
        return button

    def _go_to_agreed(self) -> None:
        agreed = self._report.drift.agreed if self._report is not None else None
        if agreed is not None:
            self._selection.choose_checkpoint(agreed.checkpoint)
            self._selection.choose_frame(agreed.completed)
            self._selection.choose_moment(agreed.at)

    def _go_to_line(self) -> None:
        frame = self._report.drift.first_frame if self._report is not None else None
        if frame is not None:
            self._selection.choose_frame(frame)
            self._selection.reveal("frames")

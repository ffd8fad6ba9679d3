"""The findings panel: what is wrong with what is open, worst first, and every check that looked for it."""

import time

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout

from inspector import __version__
from inspector.analysis.finding_types import CheckResult, Finding
from inspector.analysis.report_text import count_words, ticket
from inspector.analysis.situations import unmarked
from inspector.analysis.state import (
    CaptureFile,
    DatabaseFile,
    EngineGone,
    Live,
    NothingOpen,
    Opening,
    Role,
    Situation,
    Unreadable,
    describe,
)
from inspector.engine.endpoint import host_of
from inspector.ui.by_program import ByProgram
from inspector.ui.docks.counted_panel import CountedPanel
from inspector.ui.docks.tab_painting import Badge
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.findings.checks import ChecksModel
from inspector.ui.panels.findings.evidence_things import things_of
from inspector.ui.panels.findings.foot import ChecksFoot
from inspector.ui.panels.findings.two_lines import TwoLineTable
from inspector.ui.selection import RowKey
from inspector.ui.theme import ROLE_COLOURS, Colour
from inspector.ui.things import Things
from inspector.ui.times import full_utc
from inspector.ui.widgets.columns import Align, Cell, Column, Mark, RowStyle
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.now_note import NowNote
from inspector.ui.widgets.row_model import ListModel
from inspector.words import plural, thousands

GLYPHS = {Role.BROKEN: "✕", Role.HELD: "▲", Role.PARTIAL: "◐"}
"""What stands for a severity; a circle for whatever needs nobody."""

_BEHIND = 1_000
"""Frames: fewer are looked at within seconds."""


def _title(finding: Finding) -> Cell:
    mark = Mark(GLYPHS.get(finding.role, "○"), ROLE_COLOURS[finding.role])
    return Cell(unmarked(finding.title), mark=mark, tooltip=f"{unmarked(finding.title)}. {unmarked(finding.summary)}")


def named(situation: Situation) -> str:
    """What is open, as a heading names it."""
    match situation:
        case DatabaseFile() | CaptureFile():
            return situation.name
        case Live(status):
            return host_of(status.endpoint)
    return ""


COLUMNS: tuple[Column[Finding], ...] = (
    Column("Finding", cell=_title, width=30, stretch=True),
    Column("In short", cell=lambda it: Cell(unmarked(it.summary).rstrip("."), Colour.DIM), width=40),
    Column("Certainty", cell=lambda it: Cell(str(it.certainty), Colour.DIM), align=Align.RIGHT, width=9),
)


class FindingsModel(ListModel[Finding]):
    """Findings by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def key(self, record: Finding) -> object:
        return record.name

    def row_style(self, record: Finding) -> RowStyle:
        return RowStyle(tint=ROLE_COLOURS[record.role])

    def things(self, record: Finding) -> Things:
        """The first of each kind that its evidence names."""
        named = [things_of(evidence) for evidence in reversed(record.evidence)]
        things = Things()
        for each in named:
            things = each.over(things)
        return things


class FindingsPanel(CountedPanel):
    """The list; the chosen one is shown whole in the panel Finding, and its row in Row history."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self._by_program = ByProgram()
        """The current row follows the finding that is looked at."""
        self._name = ""
        """Of the finding whose row was chosen last."""
        self._row: RowKey | None = None
        """The row that this panel chose last."""
        self.model = FindingsModel(self)
        self.table = TwoLineTable(self.model, "findings")
        self.table.setAccessibleName(self.tr("Findings, worst first"))
        self.checks_model = ChecksModel(self)
        self.checks_table = TwoLineTable(self.checks_model, "checks")
        self.checks_table.setAccessibleName(self.tr("Every check and what came of it"))
        self.checks_table.hide()
        self.note = EmptyNote(self.table, top=0)
        self.foot = ChecksFoot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(NowNote(context.feed, self.tr("The checks ran on the data of now.")))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.checks_table, 1)
        layout.addWidget(self.foot)
        self.setFocusProxy(self.table)
        self._connect()
        self._show()
        self._choose()

    def _connect(self) -> None:
        findings = self._context.findings
        findings.changed.connect(self._show)
        findings.progressed.connect(self._count)
        findings.live.others.changed.connect(self._count)
        findings.chosen_changed.connect(self._choose)
        self._context.feed.situation_changed.connect(self._explain)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_followed.connect(lambda _: self._context.selection.reveal("finding"))
        self.checks_table.row_followed.connect(self._follow_check)
        self.foot.show_all.connect(lambda: self._show_checks(self.checks_table.isHidden()))
        self.foot.stop.connect(findings.stop)
        self.foot.again.connect(findings.run_again)
        self.foot.copy.connect(lambda: self._copy(self.model.records))
        self.table.menu_wanted.connect(self._offer_copy)

    def _show(self) -> None:
        report = self._context.findings.report
        with self._by_program:
            self.model.show_records(list(report.findings))
        self.checks_model.show_records(list(report.results))
        worst = report.findings[0].role if report.findings else None
        self.tell_count(None if worst is None else Badge(len(report.findings), ROLE_COLOURS[worst]))
        if not report.results:
            self._show_checks(False)
        self._count()
        self._show_current()
        self._explain()

    def _count(self) -> None:
        report, progress = self._context.findings.report, self._context.findings.progress
        if not report.results:
            self.foot.say("")
        elif self._context.feed.status is not None:
            left = self._context.findings.live.frames_left
            ran, silent = plural(len(report.results), self.tr("check")), thousands(report.silent)
            said = self.tr("{0} run while the session goes on · {1} found nothing").format(ran, silent)
            if left >= _BEHIND:
                said += self.tr(" · {0} still to be looked at").format(plural(left, self.tr("frame")))
            self.foot.say(said + self._of_others(), found=bool(report.findings))
        elif report.waiting:
            whole = len(report.results)
            done = self.tr("{0} of {1} ran").format(thousands(whole - report.waiting), plural(whole, self.tr("check")))
            read = plural(progress.operations, self.tr("operation")) if progress.operations else ""
            rows = plural(progress.rows, self.tr("row")) if progress.rows else ""
            self.foot.say(" · ".join(part for part in (done, read, rows) if part), running=True)
        else:
            ran = self.tr("{0} ran · {1} found nothing").format(
                plural(report.checks, self.tr("check")), thousands(report.silent)
            )
            found = bool(report.findings)
            failed = self.tr("{0} could not run").format(thousands(report.not_run)) if report.not_run else ""
            self.foot.say(" · ".join(part for part in (ran, failed) if part), again=report.not_run > 0, found=found)

    def _offer_copy(self, menu: QMenu, row: int, _column: int) -> None:
        finding = self.model.record(row)
        if finding is not None:
            menu.addAction(self.tr("Copy the finding for a ticket"), lambda: self._copy([finding]))
            menu.addAction(self.tr("Copy all findings for a ticket"), lambda: self._copy(self.model.records))

    def _copy(self, findings: list[Finding]) -> None:
        """Put findings on the clipboard as Markdown, with what is open and its state sentence."""
        situation, now = self._context.feed.situation, time.time_ns()
        ran = count_words(self._context.findings.report)
        below = self.tr("{0} PowerSync Inspector {1}, {2}.").format(ran, __version__, full_utc(now))
        QGuiApplication.clipboard().setText(ticket(named(situation), describe(situation, now), findings, below))

    def _of_others(self) -> str:
        """What the checks found of the clients that are not shown."""
        others = self._context.findings.live.others
        found = [(session.source.client, len(others.of(session))) for session in self._context.feed.sessions]
        return "".join(f" · {name}: {plural(count, self.tr('finding'))}" for name, count in found if count)

    def _show_checks(self, shown: bool) -> None:
        self.checks_table.setVisible(shown)
        self.table.setVisible(not shown)
        self.foot.set_all_shown(shown)

    def _show_current(self) -> None:
        chosen = self._context.findings.chosen
        row = next(
            (at for at, it in enumerate(self.model.records) if chosen is not None and it.name == chosen.name), -1
        )
        if row >= 0 and row != self.table.currentIndex().row():
            with self._by_program:
                self.table.choose_row(row)

    def _choose(self) -> None:
        """Show the finding that is looked at, and choose its row. One that is looked at by itself, or again with more
        evidence while the checks go on, does not take the place of a row that was chosen elsewhere."""
        self._show_current()
        findings, selection = self._context.findings, self._context.selection
        name = "" if findings.chosen is None else findings.chosen.name
        chosen_now, self._name = findings.by_hand and name != self._name, name
        # A live session's row is the user's own choice until a finding is chosen by hand.
        row = None if findings.chosen is None else findings.chosen.row
        if row is None or not (findings.by_hand or self._context.feed.status is None):
            return
        if chosen_now or selection.row in (None, self._row):
            self._row = RowKey(*row)
            selection.choose_row(self._row)

    def _chosen(self, row: int) -> None:
        finding = self.model.record(row) if row >= 0 else None
        if finding is not None and not self._by_program:
            self._context.findings.choose(finding)

    def _follow_check(self, row: int) -> None:
        result: CheckResult | None = self.checks_model.record(row)
        if result is not None and result.findings:
            self._show_checks(False)
            self._context.findings.choose(result.findings[0])
            self.table.setFocus()

    def _explain(self) -> None:
        self.note.say("" if self.model.row_count() else self._why_empty())

    def _why_empty(self) -> str:
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr("What is wrong with a client appears here, with its evidence. Open a file, or connect.")
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("Nothing was checked, because the file cannot be opened.")
            case EngineGone():
                return self.tr("The sync engine does not run, so nothing is checked.")
        if not self._context.findings.ready:
            return self.tr("The checks are running.")
        return self.tr("Nothing is wrong, as far as the checks go.")

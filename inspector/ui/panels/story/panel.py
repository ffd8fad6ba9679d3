"""The story panel: the steps, what the chosen one says, what of it came true, and the button for the next."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.analysis.story import Step
from inspector.ui.actions import connect
from inspector.ui.fonts import row_height
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.story.columns import StepsModel
from inspector.ui.panels.story.player import Played, Progress, StoryPlayer
from inspector.ui.panels.story.script import Script
from inspector.ui.theme import Colour
from inspector.ui.widgets.elided_label import ElidedLabel
from inspector.ui.widgets.empty_note import EmptyNote
from inspector.ui.widgets.row_table import RowTable
from inspector.ui.widgets.tone import set_tone

_TABLE_MARGIN = 4
_LEAST_STEPS = 4


class StoryPanel(QWidget):
    """The presenter's script."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self.setObjectName("storyPanel")
        self._context = context
        self.player = StoryPlayer(context.feed, self)
        self.model = StepsModel()
        self.table = RowTable(self.model, "story", header=False, parent=self)
        self.table.setAccessibleName(self.tr("Steps of the story"))
        self.script = Script()
        self.note = EmptyNote(self, top=0)
        self.next = QPushButton()
        self.next.setObjectName("storyNext")
        self.back = QToolButton()
        self.back.setObjectName("storyBack")
        self._shown = 0
        self._lay_out()
        self.setFocusProxy(self.table)
        self._connect()
        self._update()

    def _lay_out(self) -> None:
        self.back.setText(self.tr("Back"))
        self.back.setToolTip(self.tr("Read the step before; nothing is undone"))
        self.next.setToolTip(self.tr("Play the next step (Space here, F8 everywhere)"))
        keys = ElidedLabel()
        keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        keys.set_text(self.tr("Space"), short=" ")
        set_tone(keys, Colour.DIM)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 8, 12, 10)
        buttons.setSpacing(8)
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        buttons.addWidget(keys, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        rule = QFrame()
        rule.setObjectName("rule")
        layout.addWidget(self.table)
        layout.addWidget(rule)
        layout.addWidget(self.script, 1)
        layout.addLayout(buttons)
        self._parts = (self.table, rule, self.script, self.next, self.back, keys)
        for key, slot in ((Qt.Key.Key_Space, self.player.play_next), (Qt.Key.Key_Backspace, self._go_back)):
            shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _connect(self) -> None:
        self.player.changed.connect(self._update)
        self.player.begun.connect(self._begun)
        self.player.ended.connect(self._ended)
        self.next.clicked.connect(self.player.play_next)
        self.back.clicked.connect(self._go_back)
        connect(self._context.actions.demo.next_step, self.player.play_next)
        connect(self._context.actions.demo.start_again, self._start_again)
        self.table.row_chosen.connect(self._chosen)
        self._context.feed.sessions_changed.connect(self._take_keyboard)

    @property
    def shown(self) -> Played:
        """The step that is read."""
        return self.player.steps[self._shown]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_table()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit_table()

    def _fit_table(self) -> None:
        """All steps, as long as there is as much room for what one of them says."""
        whole = row_height() * len(self.player.steps) + _TABLE_MARGIN
        self.table.setFixedHeight(max(min(whole, self.height() // 2), _LEAST_STEPS * row_height()))

    def shut_down(self) -> None:
        """Play no more."""
        self.player.close()

    def _begun(self, step: Step) -> None:
        # The button is off while a step is played, and would hand the keyboard to who knows whom.
        self.table.setFocus()
        self._show_step(next(i for i, played in enumerate(self.player.steps) if played.step is step))
        for session in self._context.feed.sessions:
            if session.source.client == step.client:
                self._context.feed.activate(session)
        self._context.selection.point_at(step.panels)

    def _ended(self, step: Step) -> None:
        snapshot = self._context.buckets.present
        if not step.bucket or snapshot is None:
            return
        for _, buckets in snapshot.streams:
            for bucket in buckets:
                if bucket.name.full.endswith(step.bucket):
                    self._context.selection.choose_bucket(bucket.name.full)

    def _take_keyboard(self) -> None:
        """The presenter's first key is Space."""
        if self.player.can_play and self.isVisible():
            self.table.setFocus()

    def _start_again(self) -> None:
        self.player.start_again()
        self._context.selection.point_at(())
        self._show_step(0)

    def _go_back(self) -> None:
        self._show_step(max(0, self._shown - 1))

    def _chosen(self, row: int) -> None:
        if row >= 0:
            self._shown = row
            self._update_script()

    def _show_step(self, place: int) -> None:
        self._shown = place
        self.table.choose_row(place)
        self._update_script()

    def _update(self) -> None:
        playable = self.player.can_play
        for part in self._parts:
            part.setVisible(playable)
        self.note.say("" if playable else self.tr("The story plays on the demo's two clients. Start the demo."))
        self.model.show_records(self.player.steps)
        self._fit_table()
        self._update_script()
        self._update_buttons()
        self._tell_others()

    def _update_script(self) -> None:
        self.script.show_step(self.shown, len(self.player.steps))
        self.back.setEnabled(self._shown > 0)

    def _update_buttons(self) -> None:
        place, busy = self.player.next, self.player.busy
        self.next.setEnabled(place is not None and not busy)
        if busy:
            self.next.setText(self.tr("Playing…"))
        elif place is not None:
            text = self.tr("Start: {0}") if place == 0 else self.tr("Next: {0}")
            self.next.setText(text.format(self.player.steps[place].step.short))
        elif any(played.progress is Progress.FAILED for played in self.player.steps):
            self.next.setText(self.tr("The story stopped here"))
        else:
            self.next.setText(self.tr("The end"))

    def _tell_others(self) -> None:
        """The status line says what came of the last step."""
        begun = [played for played in self.player.steps if played.progress is not Progress.TO_COME]
        if not begun:
            self._context.devices.tell_story("")
            return
        last, count = begun[-1], len(self.player.steps)
        words = {
            Progress.PLAYING: self.tr("step {0} of {1} is being played ▸"),
            Progress.DONE: self.tr("step {0} of {1} did what it says ✓"),
            Progress.FAILED: self.tr("step {0} of {1} did not do what it says ✕"),
        }
        self._context.devices.tell_story(words[last.progress].format(last.number, count))

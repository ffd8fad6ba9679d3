"""The timeline panel: the canvas, its span and its following, and the files that it reads."""

from typing import Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout

from inspector.analysis.state import DatabaseFile, EngineGone, NothingOpen, Opening, Unreadable
from inspector.analysis.timeline_words import clock
from inspector.capture.timeline_rows import Lanes, Overview
from inspector.ui.docks.panel_with_controls import PanelWithControls
from inspector.ui.live_query import LiveQuery, Work
from inspector.ui.on_screen import OnScreen
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.timeline.canvas import TimelineCanvas
from inspector.ui.panels.timeline.controls import DEFAULT_SPAN, TimelineControls
from inspector.ui.panels.timeline.moments import MomentChooser
from inspector.ui.panels.timeline.view import View, bin_width, loaded_range
from inspector.ui.readers import Readers
from inspector.ui.sources import FileSource
from inspector.ui.widgets.empty_note import EmptyNote

_OVERVIEW_BINS = 600
_BIN_PIXELS = 3.0
_SOONEST_MS, _LATEST_MS = 100, 1_000
"""Between two pictures while time passes."""


def _read_overview(readers: Readers) -> Overview | None:
    return readers.capture.timeline.overview(_OVERVIEW_BINS) if readers.capture is not None else None


class TimelinePanel(PanelWithControls):
    """Shows what happened when; a click there is a click on that moment for the whole window."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context.room)
        self._context = context
        self.canvas = TimelineCanvas()
        self.span = DEFAULT_SPAN
        """ns on screen, by choice; 0 for all."""
        self.controls: TimelineControls = TimelineControls(self.canvas)
        """For the row of the panel's title, where it has one of its own; else it stands over the lanes' names."""
        self.follow_button = self.controls.follow_button
        self.controls.name_span(self.span)
        self._followed_now = False
        """Whether it goes back to following with the way back to now."""
        self.note = EmptyNote(self.canvas, top=0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.setFocusProxy(self.canvas)
        self.overview: LiveQuery[Overview | None] = LiveQuery(context.feed, self, lambda: _read_overview)
        self.lanes: LiveQuery[Lanes] = LiveQuery(context.feed, self, self._wanted_lanes)
        self._asked: tuple[View, int] | None = None
        self._chooser = MomentChooser(context.feed, context.selection, self)
        self._on_screen = OnScreen(self)
        self._on_screen.came.connect(self._run_clock)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._time_passes)
        self._connect()
        self._start_anew()
        self._follow_checkpoint()
        self._follow_moment()

    def _connect(self) -> None:
        feed, selection, canvas = self._context.feed, self._context.selection, self.canvas
        feed.files_changed.connect(self._start_anew)
        feed.situation_changed.connect(self._situation_changed)
        feed.database_changed.connect(self._follow_data)
        self.overview.changed.connect(self._overview_came)
        self.lanes.changed.connect(self._lanes_came)
        selection.moment_changed.connect(self._follow_moment)
        selection.checkpoint_changed.connect(self._follow_checkpoint)
        canvas.view_changed.connect(self._moved_by_hand)
        canvas.chosen.connect(self._choose)
        canvas.fit_wanted.connect(lambda: self.show_span(0))
        canvas.left.connect(lambda: selection.choose_moment(None))
        canvas.follow_wanted.connect(self.follow_button.toggle)
        canvas.menu_wanted.connect(self._offer_menu)
        self.controls.span_wanted.connect(self.show_span)
        self.follow_button.toggled.connect(self._follow)

    @property
    def following(self) -> bool:
        """Whether the newest moment stays at the right edge."""
        return self.follow_button.isChecked()

    def show_span(self, span: int) -> None:
        """Show so many ns, up to the newest moment or around what is on screen; 0 for all."""
        self.span = span
        canvas = self.canvas
        if span == 0:
            canvas.show_view(canvas.limits)
        elif self.following:
            canvas.show_view(self._newest())
        else:
            canvas.show_view(
                canvas.view.zoomed(span / canvas.view.span, sum((canvas.view.first, canvas.view.last)) // 2)
            )
        self.controls.name_span(self.span)
        canvas.tell()
        self._ask_for_lanes()

    def take_controls_back(self) -> None:
        """The title row is gone: the controls stand at the right end of the axis."""
        self.controls.setParent(self.canvas)
        self.controls.show()
        self.controls.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.controls.fit()
        self._ask_for_lanes()

    # What the files hold

    def _start_anew(self) -> None:
        self.canvas.overview = self.canvas.lanes = self._asked = None
        self.canvas.stop_measuring()
        self._followed_now = False
        self.canvas.live = live = self._grows
        self.span = DEFAULT_SPAN if live else 0
        self.follow_button.setChecked(live)
        self.controls.name_span(self.span)
        self.canvas.repaint_content()
        self._explain()

    def _overview_came(self) -> None:
        overview = self.overview.result
        if overview is None:
            self._explain()
            return
        first = self.canvas.overview is None
        self.canvas.overview = overview
        if first or self.following:
            self.canvas.show_view(self.canvas.limits if self.span == 0 else self._newest())
        if first:
            self._follow_moment()
        self.canvas.repaint_content()
        self._ask_for_lanes()
        self._run_clock()
        self._explain()

    def _lanes_came(self) -> None:
        if self.lanes.result is not None:
            self.canvas.lanes = self.lanes.result
            self.canvas.repaint_content()
            self.canvas.tell()

    def _wanted_lanes(self) -> Work[Lanes] | None:
        if self.canvas.overview is None:
            return None
        wanted, step = self._wanted()
        self._asked = wanted, step

        def read(readers: Readers) -> Lanes:
            assert readers.capture is not None
            return readers.capture.timeline.lanes(wanted.first, wanted.last, step)

        return read

    def _wanted(self) -> tuple[View, int]:
        geometry = self.canvas.geometry_
        step = bin_width(self.canvas.view.span, geometry.plot_width, _BIN_PIXELS)
        return loaded_range(self.canvas.view, step), step

    def _ask_for_lanes(self) -> None:
        if self.canvas.overview is not None and self._wanted() != self._asked:
            self.lanes.ask()

    # Time

    def _newest(self) -> View:
        """Up to now; while less than the span has passed, from the first moment on."""
        span = self.span or self.canvas.view.span
        view = self.canvas.view.ending(self.canvas.now + span // 100, span)
        begin = self.canvas.limits.first
        return view.panned(begin - view.first) if view.first < begin else view

    def _run_clock(self) -> None:
        overview = self.canvas.overview
        if overview is None or not self.canvas.live or not self._on_screen.now:
            self._clock.stop()
            return
        pixel_ms = self.canvas.view.span / self.canvas.geometry_.plot_width / 1e6
        self._clock.start(round(min(max(pixel_ms, _SOONEST_MS), _LATEST_MS)))

    def _time_passes(self) -> None:
        if self.following:
            self.canvas.show_view(self.canvas.limits if self.span == 0 else self._newest())
            self._ask_for_lanes()
        self.canvas.repaint_content()
        self._run_clock()

    def _follow(self, following: bool) -> None:
        if following and self.canvas.overview is not None:
            self.canvas.show_view(self._newest())
            self._ask_for_lanes()

    def _moved_by_hand(self) -> None:
        at_end = self.canvas.view.last >= self.canvas.now
        if not at_end:
            self.follow_button.setChecked(False)
        if self.canvas.view.span != self.span:
            self.span = self.canvas.view.span
            self.controls.name_span(self.span)
        self.canvas.tell()
        self._ask_for_lanes()
        self._run_clock()

    # Selection

    def _choose(self, moment: int, thing: Any) -> None:
        self._chooser.choose(moment, thing)

    def _offer_menu(self, position: QPoint, moment: int, thing: Any) -> None:
        actions, menu = self._context.actions, QMenu(self)
        menu.setToolTipsVisible(True)

        def show_then() -> None:
            self._choose(moment, thing)
            actions.show_then.trigger()

        choose = menu.addAction(self.tr("Look at {0}").format(clock(moment)), lambda: self._choose(moment, thing))
        choose.setObjectName("chooseMoment")
        then = menu.addAction(self.tr("Show the data of then"), show_then)
        then.setObjectName("showThen")
        then.setToolTip(actions.show_then.toolTip())
        menu.addSeparator()
        menu.addActions([actions.previous_checkpoint, actions.next_checkpoint, actions.back_to_now])
        menu.addSeparator()
        menu.addAction(self.tr("Show all"), lambda: self.show_span(0))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def _follow_moment(self) -> None:
        moment = self._context.selection.moment
        self.canvas.cursor_at = moment
        if moment is not None and self.following:
            self._followed_now = True
            self.follow_button.setChecked(False)
        elif moment is None and self._followed_now:
            self._followed_now = False
            self.follow_button.setChecked(self.canvas.live)
        if moment is not None and self.canvas.overview is not None:
            self.canvas.show_view(self.canvas.view.around(moment))
            self._ask_for_lanes()
        self.canvas.update()

    def _follow_data(self) -> None:
        self.canvas.data_of_then = self._context.feed.files.past is not None
        self.canvas.update()

    def _follow_checkpoint(self) -> None:
        self.canvas.checkpoint = self._context.selection.checkpoint
        self.canvas.repaint_content()

    # Words

    @property
    def _grows(self) -> bool:
        """Without its engine nothing is recorded any more: what was open then ends with the recording, not now."""
        feed = self._context.feed
        is_connection = feed.source is not None and not isinstance(feed.source, FileSource)
        return is_connection and not isinstance(feed.situation, EngineGone)

    def _situation_changed(self) -> None:
        if self._grows != self.canvas.live:
            self.canvas.live = self._grows
            self._time_passes()
        self._explain()

    def _explain(self) -> None:
        empty = self.canvas.overview is None
        self.note.say(self._why_empty() if empty else "")
        self.controls.offer(shown=not empty, live=self.canvas.live)

    def _why_empty(self) -> str:
        if self.overview.problem:
            return self.overview.problem
        match self._context.feed.situation:
            case NothingOpen():
                return self.tr(
                    "Connections, checkpoints, data and uploads appear here over time. "
                    "Connect, start the demo, or open a capture."
                )
            case Opening():
                return self.tr("The file is being opened.")
            case Unreadable():
                return self.tr("There is no timeline, because the file cannot be opened.")
            case DatabaseFile():
                return self.tr(
                    "A client database does not hold when things came. "
                    "Open a capture, or connect, to see them over time."
                )
        return self.tr("The timeline begins with the first attempt to connect.")

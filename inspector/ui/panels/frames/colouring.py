"""The colour rules in force: the kept ones tint the list, and a dialog changes them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector.ui.actions import connect
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.frames.colour_rules import ColourRule, active_rules, load_rules, save_rules
from inspector.ui.panels.frames.model import FramesModel
from inspector.ui.panels.frames.rules_dialog import RulesDialog
from inspector.ui.panels.frames.search import FrameSearch


class Colouring(QObject):
    """Of the frames panel `panel`; `values_of` gives what a rule's filter may name."""

    def __init__(
        self,
        context: PanelContext,
        model: FramesModel,
        search: FrameSearch,
        values_of: Callable[[str], Sequence[str]],
        panel: QWidget,
    ) -> None:
        super().__init__(panel)
        self._settings, self._model, self._search = context.settings, model, search
        self._values_of, self._panel = values_of, panel
        connect(context.actions.colour_rules, self._edit)

    def apply(self) -> None:
        """Tint the list by the rules that are kept."""
        if not self._search.is_ready:  # the list need not wait for its colours
            return
        self._model.set_rules(active_rules(load_rules(self._settings), self._model.shown.first_at()))

    def _edit(self) -> None:
        dialog = RulesDialog(load_rules(self._settings), self._values_of, self._panel)
        dialog.kept.connect(self._keep)
        dialog.show()

    def _keep(self, rules: list[ColourRule]) -> None:
        save_rules(self._settings, rules)
        self.apply()

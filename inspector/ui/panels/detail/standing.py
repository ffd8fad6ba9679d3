"""Below an operation: whether the app sees it, what it took the place of, and which other buckets hold its row."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from inspector.analysis.operation_standing import Neighbour, OperationSearch, Standing, standing_of
from inspector.protocol.buckets import parse_bucket_name
from inspector.protocol.lines import OpType
from inspector.ui.live_query import LiveQuery
from inspector.ui.panels.context import PanelContext
from inspector.ui.panels.detail.heading import dim, link, mono
from inspector.ui.readers import Readers
from inspector.ui.selection import OperationKey
from inspector.ui.theme import Colour
from inspector.ui.widgets.columns import Note
from inspector.words import NS, duration, plural

_SEARCH_SECONDS = 0.15
_MOST_BUCKETS = 3
_LONGEST_VALUE = 24
_CHECKPOINT, _PRIOR, _NEWER = "checkpoint", "prior", "newer"
"""Where links lead; a number is one of the other buckets."""


class OperationStanding(QWidget):
    """Follows the operation that it is told; hidden while it has nothing to say."""

    def __init__(self, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._search: OperationSearch | None = None
        self.label = QLabel()
        self.label.setObjectName("operationStanding")
        self.label.setAccessibleName(self.tr("What became of the operation"))
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.label.linkActivated.connect(self._follow)
        rule = QFrame()
        rule.setObjectName("rule")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule)
        layout.addWidget(self.label)
        self.query: LiveQuery[tuple[OperationSearch, Standing | None]] = LiveQuery(context.feed, parent, self._question)
        self.query.changed.connect(self.tell)
        self.hide()

    def show_operation(self, search: OperationSearch | None) -> None:
        """Tell of this one; of none, nothing."""
        known = self._search
        if (
            search is not None
            and known is not None
            and (search.row.id, search.position) == (known.row.id, known.position)
        ):
            return
        self._search = search
        self.hide()
        self.query.ask()

    def notes(self) -> dict[str, Note]:
        """By column, what local writes that wait put in its place."""
        standing = self._standing
        if standing is None:
            return {}
        return {
            column: Note(self._local_words(value), Colour.HELD)
            for column, value in standing.local.items()
            if not standing.deleted_here
        }

    @property
    def _standing(self) -> Standing | None:
        """Of the operation that is shown, and not of the one before."""
        result = self.query.result
        return result[1] if result is not None and result[0] is self._search else None

    def _question(self) -> Callable[[Readers], tuple[OperationSearch, Standing | None]] | None:
        search = self._search
        if search is None:
            return None
        past = self._context.feed.files.past
        if search.last != (last := None if past is None else past.frame):
            search = OperationSearch(search.row, search.bucket, search.operation, search.position, last)
            self._search = search
        return lambda readers: (
            search,
            standing_of(readers.database, readers.capture, search, _SEARCH_SECONDS, of_now=past is None),
        )

    def tell(self) -> None:
        """Say it, in the colours of now."""
        standing, search = self._standing, self._search
        lines = self._lines(standing) if standing is not None and search is not None else []
        rows = "".join(
            f'<tr><td style="padding-right: 12px">{dim(name)}</td><td>{words}</td></tr>' for name, words in lines
        )
        self.label.setText(f'<table cellspacing="0" cellpadding="1">{rows}</table>' if rows else "")
        self.setVisible(bool(rows))
        if standing is not None and search is not None and not search.complete:
            self.query.ask()

    def _lines(self, standing: Standing) -> list[tuple[str, str]]:
        lines = []
        if standing.published:
            lines.append((self.tr("Published"), _published(standing)))
        if standing.deleted_here:
            waits = self.tr("deletes the row; it waits to be uploaded")
            lines.append((self.tr("Local write"), mono(waits, Colour.HELD)))
        if (newer := standing.superseded_by) is not None:
            lines.append((self.tr("Superseded by"), self._neighbour(_NEWER, newer, self.tr("later"))))
        if (prior := standing.supersedes) is not None:
            lines.append((self.tr("Supersedes"), self._neighbour(_PRIOR, prior, self.tr("before"))))
        if standing.also_in:
            lines.append((self.tr("Also in"), self._buckets(standing.also_in)))
        return lines

    def _neighbour(self, target: str, it: Neighbour, side: str) -> str:
        when = duration(it.apart_ns / NS) if it.apart_ns >= NS else self.tr("moments")
        kind = "op " if it.op is OpType.PUT else f"{it.op} "
        return mono(kind) + link(target, str(it.op_id)) + mono(f", {when} {side}")

    def _buckets(self, names: tuple[str, ...]) -> str:
        told = [link(str(number), parse_bucket_name(name).short) for number, name in enumerate(names[:_MOST_BUCKETS])]
        if (more := len(names) - _MOST_BUCKETS) > 0:
            told.append(mono(self.tr("and {0}").format(plural(more, self.tr("more bucket")))))
        return mono(", ").join(told)

    def _local_words(self, value: str | None) -> str:
        if value is None:
            return self.tr("← local write takes it away")
        short = value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"
        return self.tr("← local write says {0}").format(short)

    def _follow(self, target: str) -> None:
        selection, search, standing = self._context.selection, self._search, self._standing
        if search is None or standing is None:
            return
        selection.left.emit()
        if target == _CHECKPOINT and standing.checkpoint is not None:
            selection.choose_checkpoint(standing.checkpoint.id)
            selection.reveal("checkpoints")
        elif (it := {_PRIOR: standing.supersedes, _NEWER: standing.superseded_by}.get(target)) is not None:
            selection.choose_operation(OperationKey(search.bucket, it.op_id))
            selection.choose_frame(it.frame)
        elif target.isdecimal():
            selection.choose_bucket(standing.also_in[int(target)])
            selection.reveal("buckets")


def _published(standing: Standing) -> str:
    """The words, with their checkpoint as a link."""
    role = Colour.TEXT if standing.is_published else Colour.HELD
    number = "" if standing.checkpoint is None else str(standing.checkpoint.op_id)
    before, found, after = standing.published.partition(number) if number else (standing.published, "", "")
    return mono(before, role) + (link(_CHECKPOINT, found) if found else "") + mono(after, role)

"""What the status bar says of the demo: both clients first, then the one that is shown. No Qt."""

from collections.abc import Sequence
from dataclasses import replace

from inspector.analysis.state import Role
from inspector.engine.control import Status
from inspector.ui.status_facts import StatusFacts
from inspector.words import plural


def demo_facts(statuses: Sequence[Status | None], active: str, told: str, rest: StatusFacts) -> StatusFacts:
    """`rest` is what is said of the client `active`; `told` is what the story says of its last step."""
    counted = plural(len(statuses), "client")
    offline = sum(status is not None and status.phase == "offline" for status in statuses)
    gone = sum(status is None for status in statuses)
    counted += f" · {offline} offline" if offline else ""
    counted += f" · {gone} stopped" if gone else ""
    left: list[tuple[str, ...]] = [(counted,)]
    newest = max((status.checkpoint for status in statuses if status and status.checkpoint is not None), default=None)
    if newest is not None:
        left.append(("service checkpoint ", str(newest)))
    (state, *more), *others = rest.left
    connected = any(status is not None and status.phase == "connected" for status in statuses)
    role = Role.BROKEN if gone else Role.FINE if connected else Role.IDLE
    return replace(
        rest,
        role=role,
        left=(*left, (f"{active}: {state}", *more), *others),
        right=(told,) if told else rest.right,
    )

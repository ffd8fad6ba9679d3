"""What the demo's backend does not take, so that there is something for it to refuse."""

from inspector.service.sync_config import Row

LONGEST_DESCRIPTION = 200
"""Characters."""


def rule(table: str, row: Row) -> str:
    """Why a row is not taken; empty when it is."""
    description = row.get("description")
    if table != "todos" or not isinstance(description, str):
        return ""
    if not description.strip():
        return "A to-do needs a description."
    if len(description) > LONGEST_DESCRIPTION:
        return f"A to-do's description has at most {LONGEST_DESCRIPTION} characters."
    return ""

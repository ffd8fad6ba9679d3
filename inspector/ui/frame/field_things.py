"""What a place in a frame's tree is about: its operation and row, or a bucket. No Qt."""

from inspector.ui.frame.content import FrameContent
from inspector.ui.frame.field_spans import Path
from inspector.ui.frame.json_document import JsonObject, JsonValue
from inspector.ui.selection import OperationKey, RowKey
from inspector.ui.things import Things

_WRITES = ("PUT", "PATCH", "DELETE")


def things_at(content: FrameContent, path: Path) -> Things:
    """What one can follow from there to other panels; nothing where the place says none."""
    keys = [step.key for step in path]
    if keys[:2] == ["data", "data"] and len(path) > 2:
        return _of_operation(content, path[2].position)
    if keys[:1] == ["data"]:
        return Things(bucket=content.row.bucket)
    for length in range(len(path), 0, -1):
        value = _value(content.tree, path[:length])
        named = value.get("bucket") if isinstance(value, JsonObject) else None
        if isinstance(named, str):
            return Things(bucket=named)
        if isinstance(value, str) and length > 1 and keys[length - 2] == "removed_buckets":
            return Things(bucket=value)
    return Things()


def written_at(tree: JsonValue, path: Path) -> Things:
    """The row of the local write that a place in an upload or an event belongs to."""
    for length in range(len(path), 0, -1):
        value = _value(tree, path[:length])
        if not isinstance(value, JsonObject):
            continue
        row_type, row_id = value.get("type"), value.get("id")
        if value.get("op") in _WRITES and isinstance(row_type, str) and isinstance(row_id, str):
            return Things(row=RowKey(row_type, row_id))
    return Things()


def _of_operation(content: FrameContent, position: int) -> Things:
    if position >= len(content.operations):
        return Things(bucket=content.row.bucket)
    operation, bucket = content.operations[position].operation, content.row.bucket
    key = None if bucket is None else OperationKey(bucket, operation.op_id)
    named = operation.object_type is not None and operation.object_id is not None
    row = RowKey(operation.object_type or "", operation.object_id or "") if named else None
    return Things(bucket=bucket, operation=key, row=row)


def _value(tree: JsonValue, path: Path) -> JsonValue:
    value = tree
    for step in path:
        if isinstance(value, JsonObject):
            value = value.members[step.position][1] if step.position < len(value.members) else None
        elif isinstance(value, list) and step.position < len(value):
            value = value[step.position]
        else:
            return None
    return value

"""What can go wrong with a capture file."""

from inspector.protocol.errors import InspectorError


class CaptureError(InspectorError):
    """The capture cannot be opened, read or written."""

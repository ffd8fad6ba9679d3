"""The detail panel: the selected frame's heading, operations and tree."""

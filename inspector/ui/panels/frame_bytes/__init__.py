"""The bytes panel: the selected frame exactly as it came."""

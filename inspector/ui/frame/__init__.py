"""The selected frame or happening, read once for all panels: what is in it, and where its fields stand."""

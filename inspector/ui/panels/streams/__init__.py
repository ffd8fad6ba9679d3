"""The panel Streams."""

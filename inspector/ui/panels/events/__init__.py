"""The panel Events."""

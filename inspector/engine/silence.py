"""How long a stream may be silent."""

SILENCE_SECONDS = 60.0
"""Keepalives come every 20 s: three missed ones mean that the connection is dead."""

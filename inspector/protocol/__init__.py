"""The sync protocol without any I/O: lines, framing, request, checksums, tokens and the session.

Imports nothing of ours, and neither Qt nor SQLite nor sockets. Start reading at `session.py`; the wire format
is in `lines.py` and `framing.py`.
"""

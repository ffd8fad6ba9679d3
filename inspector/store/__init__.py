"""The client database, in the layout of the official client SDKs (schema version 14).

Imports `protocol`. Start reading at `database.py` (written by the engine) and `reader.py` (read by the panels).
"""

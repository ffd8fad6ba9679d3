"""Drives a protocol session: HTTP, credentials, reconnects, the two files, the control channel.

Imports `protocol`, `store` and `capture`. Start reading at `driver.py`; `control.py` documents the channel.
"""

"""A user's own SQLite database as the source: watched with triggers, mirrored into the storage.

Start reading at `follow.py`.
"""

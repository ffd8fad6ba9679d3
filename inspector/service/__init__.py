"""A small PowerSync-compatible service with a demo backend, on loopback only unless told otherwise.

Imports `protocol`. Start reading at `app.py`, the routes; `run.py` starts and stops it. A change goes from `source.py`
through `replication.py` into `buckets.py`, and by `feed.py` to every open `stream.py`.
"""

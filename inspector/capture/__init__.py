"""The capture file: what was on the wire, what became of it, and nothing secret.

Imports `protocol`. Start reading at `schema.py`.
"""

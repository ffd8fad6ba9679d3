"""Sync streams from a YAML file: a documented subset of edition 3. Start reading at `compile.py`."""

"""Measurements against the official client, run by hand: `python -m tests.bench first-sync`."""

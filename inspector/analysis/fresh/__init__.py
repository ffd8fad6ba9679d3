"""A client database beside a fresh copy of what the service has for the same user. Start reading in `comparison.py`."""

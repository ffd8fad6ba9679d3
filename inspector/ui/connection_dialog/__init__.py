"""The connection dialog. Start reading in `dialog.py`."""

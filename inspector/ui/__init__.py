"""The window. The only room that imports Qt.

Start reading at `window.py`; a panel is one file in `panels/` and one line of its registry.
"""

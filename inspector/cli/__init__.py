"""The command line: `inspector demo`, `connect`, `open`, `service`.

Sits on top of every room; Qt is imported only when a window is wanted. Start reading at `start.py`.
"""

from inspector.cli.start import main

__all__ = ["main"]

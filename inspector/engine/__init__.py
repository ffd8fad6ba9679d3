"""Drives a protocol session: HTTP, credentials, reconnects, the two files, the control channel.

Imports `protocol`, `store` and `capture`. Start reading at `driver.py`; `control.py` documents the channel.
"""

import sys

# The command line that httpx brings along, and what draws it: half of the time that its import takes, and not used.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

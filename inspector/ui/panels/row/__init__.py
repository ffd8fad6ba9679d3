"""The row panel: which buckets hold the selected row, what happened to it, and whether the app sees it and why."""

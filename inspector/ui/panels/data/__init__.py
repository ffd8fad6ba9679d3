"""The data panel: the app's tables as it sees them, searched, filtered and, in a live session, changed."""

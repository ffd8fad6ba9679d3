"""The frames panel: every line of the stream, newest at the end."""

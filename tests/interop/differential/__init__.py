"""Our session and store beside the native core of the official clients: the same acts, and the same outcome."""

"""The official client from npm against our service, and on our files."""

"""What can be wrong with a client, one file a family: adding a check is an entry in its family's `CHECKS`."""

"""Questions to a whole client database that only checks ask: each reads all of a table, a part at a time."""

"""The SQL panel: a console that can only read, its results, and the plan of a query."""

"""The uploads panel: local writes that wait, what became of each attempt, and the gate."""

"""The demo with two clients: its actions, its toolbar, and what its devices did."""

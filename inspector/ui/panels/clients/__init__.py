"""The clients panel: each client of the demo as the tiny app that its user has in front of them."""

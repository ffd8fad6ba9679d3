"""The timeline of all clients: who was connected, what the service sent, who wrote what, whose gate was closed."""

"""The checkpoints panel: every checkpoint, how long each step took, and why it was not applied."""

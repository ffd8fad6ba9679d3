"""The story panel: the presenter's script. What the steps do is in `analysis/story`."""

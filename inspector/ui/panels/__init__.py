"""One file a panel: its model, its view, its actions. The registry is `registry.py`."""

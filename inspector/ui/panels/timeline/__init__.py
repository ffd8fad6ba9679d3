"""The timeline: what happened when, in lanes; the whole window's navigation. Start reading at `panel.py`."""

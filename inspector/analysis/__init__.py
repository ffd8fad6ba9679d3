"""What is going on and why, in words: the state sentence, findings, replay of captures.

Imports the rooms below; no Qt. Start reading at `state.py`.
"""

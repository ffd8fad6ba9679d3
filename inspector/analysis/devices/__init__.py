"""Several devices of one service beside each other: what each did, what the service sent to whom, who changed what.

Start reading at `history.py`, then `sendings.py`.
"""

"""The fault lab: what can go wrong between a service and its client, on demand.

`fault.py` says what a fault is, `lab.py` which ones are armed and what they did. The files beside them hold the faults,
by the place where they strike: before an answer (`answers.py`, run by `network.py`), on its lines (`rows.py`,
`checkpoints.py`, `strangers.py`, `endings.py`, run by `stream.py`), on its bytes (`pace.py`, `proxy.py`), on
acknowledgements and uploads (`acknowledgements.py`, `writes.py`). `catalogue.py` lists them all; `admin.py` is the
way in over HTTP. Without an armed fault the service does one comparison a line and one a chunk.
"""

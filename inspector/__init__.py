"""A desktop inspector for the PowerSync sync protocol.

Rooms, each importing only from those before it: `protocol`, then `store` and `capture`, then `engine`,
`service` and `analysis`, then `ui` and `cli`. Start reading at `protocol/session.py`.
"""

__version__ = "0.1.0"

"""Frames for other programs: NDJSON, CSV and HAR files, and requests as curl commands.

Start reading at `exporting.py`. A capture holds no token, so none is exported; the rows that were synced are.
"""

from inspector.capture.export.exporting import ExportFormat, export_frames, export_to

__all__ = ["ExportFormat", "export_frames", "export_to"]

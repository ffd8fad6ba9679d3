"""The buckets panel: every bucket by its stream, how full it is and whether it is valid."""

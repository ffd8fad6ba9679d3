"""The checksums panel: each bucket's sums, their history, and the evidence of mismatches."""

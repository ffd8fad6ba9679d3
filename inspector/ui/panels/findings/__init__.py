"""The panels Findings and Finding: what is wrong, and the evidence for it."""

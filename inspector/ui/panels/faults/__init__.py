"""The fault lab: what the embedded service can be made to do wrong, and what it has done."""

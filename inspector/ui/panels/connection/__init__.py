"""The panel Connection."""

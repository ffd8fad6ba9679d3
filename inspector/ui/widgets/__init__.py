"""What several panels share: JSON tree, bytes view, SQL-backed table, row painting."""

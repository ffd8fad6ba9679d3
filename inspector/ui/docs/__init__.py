"""The pages of the help as text: found by words, and the meaning of each of the field's words."""

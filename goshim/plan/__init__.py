"""A plan: which go to become and what to change for it, with all that this was worked out from."""

"""Facts that several subjects ask for."""

"""PATH."""

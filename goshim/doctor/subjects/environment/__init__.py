"""Variables, WSLENV, go env -w, the locale."""

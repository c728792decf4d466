"""Module proxies, private modules, checksums."""

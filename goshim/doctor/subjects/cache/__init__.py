"""Caches, disks, locks."""

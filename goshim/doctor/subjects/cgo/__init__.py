"""Cgo and the C compiler."""

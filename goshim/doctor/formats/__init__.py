"""Parsers: text in, values out. Nothing here asks a machine."""

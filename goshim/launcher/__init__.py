"""The launcher on PATH: installing it, and the start files that put it first."""

"""Goshim itself."""

"""Watched downloads: go as a child, its failures told apart, tried again where that helps."""

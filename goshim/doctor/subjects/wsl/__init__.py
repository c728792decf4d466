"""WSL, its configs and the registry."""

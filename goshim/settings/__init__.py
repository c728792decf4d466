"""Settings: what they are, where they come from, what of a project file counts."""

"""goshim: the real go, in a clean environment."""

__version__ = "0.1.0"
PROJECT_FILE = ".goshim.toml"

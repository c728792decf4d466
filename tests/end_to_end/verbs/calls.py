"""The calls of go that can be watched, by their verbs, and a project for them."""

from __future__ import annotations

from tests.end_to_end.generated_modules import Module, modules, write_project

ZIP = "*/m01/*.zip"
FILLER = 20_000  # bytes that make a zip too large for one segment
DOWNLOAD = ("mod", "download")
FETCHING = {
    "build": ("build", "-o", "made", "."),
    "vet": ("vet", "./..."),
    "install": ("install", "."),
    "get": ("get", "example.com/m01@v1.1.0"),
    "mod tidy": ("mod", "tidy"),
    "mod vendor": ("mod", "vendor"),
}
RUNNING = {"test": ("test", "./..."), "run": ("run", "."), "generate": ("generate", "./..."), "tool": ("tool", "fix")}
CI = {"CI": "true"}
NO_CI = {"CI": None}


def needing(user, at=None):
    """Modules, and a project in the working directory that needs them."""
    needed = modules(3, FILLER)
    write_project(at or user.work, needed, packages=2)
    return [*needed, Module(1, "m01", FILLER, version="v1.1.0")]

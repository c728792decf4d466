"""The machine as values: what rules judge by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from goshim.facts.mounts import MountTable


@dataclass(frozen=True)
class Machine:
    """What is known before there are settings and a toolchain."""

    variables: Mapping[str, str]
    wsl: str = ""
    mounts: MountTable = field(default_factory=MountTable)

    @property
    def home(self) -> str:
        """HOME without a last slash where it is absolute, else empty."""
        home = self.variables.get("HOME", "")
        return (home.rstrip("/") or "/") if home.startswith("/") else ""

    def expand(self, path: str) -> str:
        """A path of a config, in which ~/ stands for HOME; empty where there is none."""
        if not path.startswith("~/"):
            return path
        return self.home.rstrip("/") + path[1:] if self.home else ""


@dataclass(frozen=True)
class Goroot:
    """What is at the directory that GOROOT names."""

    has_tools: bool
    version: str


@dataclass(frozen=True)
class Facts(Machine):
    """All that rules judge by. What only some rules on some machines need is empty elsewhere."""

    go_version: str = ""
    goroot: Goroot | None = None
    native_programs: frozenset[str] = frozenset()
    go_env_file: Mapping[str, str] = field(default_factory=dict)
    commit_time_s: int | None = None

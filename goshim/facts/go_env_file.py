"""What `go env -w` wrote. It ranks below the environment: cmd/go/internal/cfg/cfg.go, Getenv and initEnvCache."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.facts.host import Host
from goshim.facts.mounts import MountTable, is_windows_path


def read(host: Host, mounts: MountTable) -> Mapping[str, str]:
    """The variables of the file that GOENV names, or of go/env in the user's config directory; later lines win."""
    path = location(host.environment, mounts)
    if path is None:
        return {}
    pairs = (line.partition("=") for line in host.text(path).split("\n") if "A" <= line[:1] <= "Z")
    return {name: value for name, equals, value in pairs if equals}


def location(environment: Mapping[str, str], mounts: MountTable) -> str | None:
    """The file's path; None for GOENV=off, or where there is no user's config directory."""
    named = environment.get("GOENV", "")
    if is_windows_path(named):  # as the rule windows-value translates it for go
        named = mounts.from_windows(named) or ""
    if named:
        return named if named.startswith("/") else None
    if base := environment.get("XDG_CONFIG_HOME"):
        return f"{base}/go/env" if base.startswith("/") else None
    home = environment.get("HOME", "")
    return f"{home}/.config/go/env" if home.startswith("/") else None

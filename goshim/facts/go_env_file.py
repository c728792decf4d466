"""What `go env -w` wrote. It ranks below the environment: cmd/go/internal/cfg/cfg.go, Getenv and initEnvCache."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.facts.host import Host, UnreadableError, to_text


def read(host: Host) -> Mapping[str, str]:
    """The variables of the file that GOENV names, or of go/env in the user's config directory; later lines win."""
    path = location(host.environment)
    if path is None:
        return {}
    try:
        text = to_text(host.read(path) or b"")
    except UnreadableError:
        return {}
    pairs = (line.partition("=") for line in text.split("\n") if "A" <= line[:1] <= "Z")
    return {name: value for name, equals, value in pairs if equals}


def location(environment: Mapping[str, str]) -> str | None:
    """The file's path; None for GOENV=off, or where there is no user's config directory."""
    if named := environment.get("GOENV"):
        return named if named.startswith("/") else None
    if base := environment.get("XDG_CONFIG_HOME"):
        return f"{base}/go/env" if base.startswith("/") else None
    home = environment.get("HOME", "")
    return f"{home}/.config/go/env" if home.startswith("/") else None

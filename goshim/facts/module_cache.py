"""Where go keeps modules: `go help environment`; cmd/go/internal/cfg/cfg.go, GOMODCACHE."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.facts.mounts import MountTable, is_windows_path

DOWNLOADS = "cache/download"
"""Below the module cache: what was fetched, as it was fetched."""


def locate(variables: Mapping[str, str], go_env_file: Mapping[str, str], mounts: MountTable) -> str:
    """The module cache that go would use: GOMODCACHE, or pkg/mod below GOPATH, or below ~/go; empty for none.

    A Windows path is what the rule windows-value makes of it.
    """
    for name, below in (("GOMODCACHE", ""), ("GOPATH", "/pkg/mod")):
        named = variables.get(name) or go_env_file.get(name) or ""
        if is_windows_path(named):
            named = mounts.from_windows(named.split(";")[0] if below else named) or ""
        if named:
            return named.split(":")[0] + below if below else named
    home = variables.get("HOME", "")
    return f"{home.rstrip('/')}/go/pkg/mod" if home.startswith("/") else ""

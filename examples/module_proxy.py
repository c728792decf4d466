"""Make a module proxy out of a module's source: a directory that GOPROXY=file://… can name (go help goproxy).

usage: module_proxy.py DIRECTORY MODULE@VERSION=SOURCE…
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path


def publish(proxy: Path, module: str, version: str, source: Path) -> None:
    """Put one version of a module, whose path has no capital letters, into the proxy."""
    directory = proxy / module / "@v"
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(directory / f"{version}.zip", "w") as archive:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            archive.writestr(f"{module}@{version}/{file.relative_to(source)}", file.read_bytes())
    (directory / f"{version}.mod").write_bytes((source / "go.mod").read_bytes())
    (directory / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "2026-01-01T00:00:00Z"}))
    (directory / "list").write_text(f"{version}\n")


def main(arguments: list[str]) -> None:
    """Publish each module named on the command line."""
    proxy, *modules = arguments
    for each in modules:
        name, _, source = each.partition("=")
        module, _, version = name.partition("@")
        publish(Path(proxy), module, version, Path(source))


if __name__ == "__main__":
    main(sys.argv[1:])

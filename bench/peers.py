"""Other managers' ways to the same go, each set up in a directory of its own; what is absent is told."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.measure import Subject, run

Setup = Callable[[str, Path, str, Mapping[str, str]], tuple[list[str], dict[str, str]]]


def subjects(at: Path, goroot: str, environment: Mapping[str, str]) -> tuple[list[Subject], dict[str, str]]:
    """A subject for each peer that works here, and why not for each other one."""
    found, missing = [], {}
    for name, (program, setup) in _PEERS.items():
        path = shutil.which(program)
        if not path:
            missing[name] = "absent"
            continue
        directory = at / program
        directory.mkdir(parents=True, exist_ok=True)
        try:
            command, variables = setup(path, directory, goroot, environment)
            subject = Subject(name, command, [{**environment, **variables}], str(directory))
            run(subject, 0)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            missing[name] = f"found, and could not be set up: {error}"
            continue
        found.append(subject)
    return found, missing


def _call(command: list[str], environment: Mapping[str, str], directory: Path) -> None:
    subprocess.run(command, env=dict(environment), cwd=directory, check=True, capture_output=True)


def _direnv(path: str, at: Path, _goroot: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    (at / ".envrc").write_text("export CGO_ENABLED=0\n")
    variables = {"XDG_DATA_HOME": str(at / "data"), "PATH": f"{_goroot}/bin:{environment['PATH']}"}
    _call([path, "allow", str(at)], {**environment, **variables}, at)
    return [path, "exec", str(at), "go", "version"], variables


def _mise(path: str, at: Path, goroot: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    (at / "config").mkdir(exist_ok=True)
    (at / "config/config.toml").write_text(f'[tools]\ngo = "path:{goroot}"\n')
    names = {"MISE_DATA_DIR": "data", "MISE_CONFIG_DIR": "config", "MISE_CACHE_DIR": "cache", "MISE_STATE_DIR": "state"}
    variables = {name: str(at / directory) for name, directory in names.items()} | {
        "MISE_OFFLINE": "1",
        "MISE_YES": "1",
    }
    shim = at / "data/shims/go"
    shim.parent.mkdir(parents=True, exist_ok=True)
    shim.unlink(missing_ok=True)
    shim.symlink_to(path)
    return [str(shim), "version"], variables


def _goenv(path: str, at: Path, goroot: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    version = Path(goroot, "VERSION").read_text().split()[0].removeprefix("go")
    (at / "versions").mkdir(exist_ok=True)
    link = at / "versions" / version
    link.unlink(missing_ok=True)
    link.symlink_to(goroot)
    variables = {"GOENV_ROOT": str(at), "GOENV_VERSION": version}
    _call([path, "rehash"], {**environment, **variables}, at)
    return [str(at / "shims/go"), "version"], variables


def _asdf(path: str, at: Path, goroot: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    install, plugin = at / "installs/golang/system-go", at / "plugins/golang/bin"
    install.mkdir(parents=True, exist_ok=True)
    plugin.mkdir(parents=True, exist_ok=True)
    (install / "bin").unlink(missing_ok=True)
    (install / "bin").symlink_to(f"{goroot}/bin")
    for name, text in (
        ("list-all", "echo system-go"),
        ("list-bin-paths", "echo bin"),
        ("download", ":"),
        ("install", ":"),
    ):
        (plugin / name).write_text(f"#!/usr/bin/env bash\n{text}\n")
        (plugin / name).chmod(0o755)
    (at / ".tool-versions").write_text("golang system-go\n")
    variables = {"ASDF_DATA_DIR": str(at), "PATH": f"{os.path.dirname(path)}:{environment['PATH']}"}
    _call([path, "reshim", "golang"], {**environment, **variables}, at)
    return [str(at / "shims/go"), "version"], variables


_PEERS: dict[str, tuple[str, Setup]] = {
    "direnv exec": ("direnv", _direnv),
    "mise": ("mise", _mise),
    "goenv": ("goenv", _goenv),
    "asdf": ("asdf", _asdf),
}

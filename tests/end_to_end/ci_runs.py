"""What a CI job does, on a network where some transfers break: `go test ./...` with an empty module cache."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.end_to_end.generated_modules import modules, write_project
from tests.end_to_end.module_proxy import Chance, ModuleProxy, Request

LIMIT_S = 120


class Run(NamedTuple):
    """How one run ended, and which requests the network broke."""

    seed: int
    code: int
    out: str
    err: str
    broken: list[Request]


def ci_runs(  # noqa: PLR0913 - one setting of the experiment each
    command: Sequence[str | os.PathLike[str]],
    at: Path,
    environment: Mapping[str, str],
    seeds: Iterable[int] = range(20),
    *,
    needed: int = 60,
    one_in: int = 60,
    packages: int = 6,
) -> list[Run]:
    """Run `command test ./...` for each seed as a new machine's first job: a HOME and a module cache of its own.

    `at` is a directory for all of it, `environment` needs PATH and GOCACHE. What is broken depends on the seed only.
    """
    runs = []
    served = modules(needed)
    for seed in seeds:
        home = at / f"{seed}"
        project = write_project(home / "work/app", served, packages)
        with ModuleProxy(served, [Chance(one_in, seed)]) as proxy:
            settings = {
                **environment,
                "CI": "true",
                "HOME": str(home),
                "GOMODCACHE": str(home / "go/pkg/mod"),
                "GOFLAGS": "-trimpath -modcacherw",  # without -trimpath each directory is compiled for anew
                "GOPROXY": proxy.url,
                "GONOSUMDB": "example.com",
                "GOTOOLCHAIN": "local",
                "GOTELEMETRY": "off",
            }
            done = subprocess.run(
                [*command, "test", "./..."],
                env=settings,
                cwd=project,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            runs.append(Run(seed, done.returncode, done.stdout, done.stderr, proxy.spoiled))
    return runs

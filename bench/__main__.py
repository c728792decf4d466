"""Measure, print a table, write JSON. usage: python -m bench [--rounds N] [--runs N] [--json FILE]."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import doctor, network, peers, scanner, wsl
from bench.measure import Figure, Subject, by_turns
from goshim import __version__
from goshim.base import resources

COLD_ROUNDS = 30
FLOOR, BARE = "a bash script that only execs go", "bare go"
MANY_ENTRIES, DEPTH, ENVIRONMENTS = 200, 30, 16


def main() -> int:
    """Measure everything in one run."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=200, help="counted runs of each command")
    parser.add_argument("--runs", type=int, default=scanner.RUNS, help="downloads under a scanner, of each kind")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    options = parser.parse_args()
    target = options.json.absolute()
    go = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), None) or shutil.which("go")
    if not go:
        sys.exit("bench: no go here; install goshim[go]")
    with tempfile.TemporaryDirectory(prefix="goshim-bench-") as name:
        at = Path(name).resolve()
        figures, missing = measure(at, go, options.rounds)
        os.chdir("/")
    report(figures, missing)
    under_wsl = report_wsl(go, options.rounds)
    examined = doctor.measure(os.path.realpath(go))
    doctor.report(examined)
    downloads = report_downloads(go, options.runs)
    target.parent.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout.strip()
    about = {"goshim": __version__, "go": version, "machine": platform.platform(), "cpus": os.cpu_count()}
    named = {name: asdict(figure) for name, figure in figures.items()}
    target.write_text(
        json.dumps(
            {
                "schema": 1,
                **about,
                "figures_ms": named,
                "missing": missing,
                "wsl_ms": under_wsl,
                "doctor": examined,
                "downloads": downloads,
            },
            indent=2,
        )
        + "\n"
    )
    print(f"\nwritten: {target}")
    return 0


def measure(at: Path, go: str, rounds: int) -> tuple[dict[str, Figure], dict[str, str]]:
    """The figures by name, and which peers are missing."""
    home = at / "home"
    home.mkdir()
    (at / "other").mkdir()
    real = Path(go).resolve()
    environment = {"HOME": str(home), "PATH": f"{at}/bin:{real.parent}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    launcher, floor = at / "bin/go", at / "floor"
    _goshim(environment, "install", "--dir", str(at / "bin"))
    untrusted, trusted = at / "untrusted", at / "trusted"
    for project in (untrusted, trusted):
        project.mkdir()
        (project / ".goshim.toml").write_text('[env]\nGOPRIVATE = "git.corp.example/*"\nGOAMD64 = "v2"\n')
    _goshim(environment, "trust", "--yes", str(trusted))
    floor.write_text(f'#!/bin/bash\nexec {real} "$@"\n')
    floor.chmod(0o755)
    deep = at / "/".join(["d"] * DEPTH)
    deep.mkdir(parents=True)
    many = {
        **environment,
        "PATH": ":".join([f"{at}/bin", *(f"/opt/none{i}/bin" for i in range(MANY_ENTRIES)), str(real.parent)]),
    }
    # alike in every length, so that the launcher has to try their plans one after the other
    alternating = [
        {**environment, "HOME": str(at / "other"), "GOPRIVATE": f"corp{i:02}.example"} for i in range(ENVIRONMENTS)
    ]
    bare, shim = [str(real), "version"], [str(launcher), "version"]
    there = str(home)
    warm = [
        Subject(BARE, bare, [environment], there),
        Subject(FLOOR, [str(floor), "version"], [environment], there),
        Subject("goshim, warm", shim, [environment], there),
        Subject("goshim, a project file", shim, [environment], str(untrusted)),
        Subject("goshim, a trusted project file", shim, [environment], str(trusted)),
        Subject(f"bare go, {MANY_ENTRIES} PATH entries", bare, [many], there),
        Subject(f"goshim, {MANY_ENTRIES} PATH entries", shim, [many], there),
        Subject(f"goshim, {DEPTH} directories deep", shim, [environment], str(deep)),
        Subject(f"goshim, {ENVIRONMENTS} environments by turns", shim, alternating, there),
    ]
    others, missing = peers.subjects(at / "peers", str(real.parent.parent), environment)
    for turn in range(ENVIRONMENTS):  # each environment has its plan before anything is timed
        by_turns([Subject("", shim, [alternating[turn]], there)], 2)
    figures = by_turns([*warm, *others], rounds)
    return figures | cold(home, environment, bare, shim, min(rounds, COLD_ROUNDS)), missing


def cold(home: Path, environment: dict[str, str], bare: list[str], shim: list[str], rounds: int) -> dict[str, Figure]:
    """Calls for which no plan is there: without a config, with one to parse, with one parsed before."""
    store, config = home / ".cache/goshim", home / ".config/goshim/config.toml"
    plain = Subject("goshim, cold, no config", shim, [environment], str(home), lambda: _remove(store))
    reference = Subject("bare go, beside the cold calls", bare, [environment], str(home))
    figures = by_turns([reference, plain], rounds)
    config.parent.mkdir(parents=True)
    config.write_text('[cgo]\nenabled = "inherit"\n\n[env]\nGOAMD64 = "v2"\n')
    return figures | by_turns(
        [
            Subject("goshim, cold, a config to parse", shim, [environment], str(home), lambda: _remove(store)),
            Subject(
                "goshim, cold, only the environment is new",
                shim,
                [environment],
                str(home),
                lambda: _remove_plans(store),
            ),
        ],
        rounds,
    )


def report(figures: dict[str, Figure], missing: dict[str, str]) -> None:
    """Print each figure, what it is over bare go, and that as a ratio to the floor's."""
    bare, floor = figures[BARE].median_ms, figures[FLOOR].median_ms - figures[BARE].median_ms
    width = max(map(len, [*figures, *missing]))
    print(f"{'':<{width}}  median ms  (quartiles)       over bare go   to the floor's")
    for name, figure in figures.items():
        own = figures[f"bare go, {MANY_ENTRIES} PATH entries"].median_ms if f"{MANY_ENTRIES} PATH" in name else bare
        over = figure.median_ms - own
        line = f"{name:<{width}}  {figure.median_ms:9.2f}  ({figure.lower_ms:.2f} to {figure.upper_ms:.2f})".ljust(
            width + 31
        )
        print(line if name.startswith("bare go") else f"{line} {over:9.2f} ms   {over / floor:8.2f}")
    for name, reason in missing.items():
        print(f"{name:<{width}}  {reason}")


def report_wsl(go: str, rounds: int) -> dict[str, dict[str, float]]:
    """Measure in a machine that looks like WSL2, print that, and give it."""
    print(f"\nUnder WSL2, with {wsl.ENTRIES} Windows entries on PATH, {wsl.LOOKUP_MS:g} ms a look into one")
    try:
        figures = wsl.measure(os.path.realpath(go), rounds)
    except wsl.NoSuchMachineError as error:
        print(f"  not measured: {error}")
        return {}
    for name, figure in figures.items():
        print(f"  {name:<34} {figure.median_ms:8.2f} ms  ({figure.lower_ms:.2f} to {figure.upper_ms:.2f})")
    return {name: asdict(figure) for name, figure in figures.items()}


def report_downloads(go: str, runs: int) -> dict[str, Any]:
    """Measure watched downloads, undisturbed, under a scanner and on a bad network; print that, and give it."""
    try:
        tests = network.measure(os.path.realpath(go))
        network.report(tests)
        measured = scanner.measure(os.path.realpath(go), runs)
    except scanner.NoScannerError as error:
        print(f"\nWatched downloads: not measured: {error}")
        return {}
    scanner.report(measured)
    return {"tests": tests, **measured}


def _goshim(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-c", "import sys; from goshim.cli import main; sys.exit(main())", *words]
    subprocess.run(command, env=environment, check=True, capture_output=True)


def _remove(store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)


def _remove_plans(store: Path) -> None:
    for each in store.glob("plans*"):
        shutil.rmtree(each)


if __name__ == "__main__":
    sys.exit(main())

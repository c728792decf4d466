"""Imports run downwards only.

cli → doctor → boot, install → plan, watch → rules → toolchain, settings → facts → errors.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from goshim import data
from tests.tables import for_each

PACKAGE = Path(data.__file__).parent

# The house from top to bottom; what stands on one floor may not import its neighbours. What is in brackets in the
# comments serves the floors above it.
FLOORS = [
    {"cli", "__main__"},
    {"doctor"},
    {"boot", "install"},
    {"shells", "start_files", "module_cache", "prefetch"},  # (what one command each needs, and one kind of call)
    {"fetched"},  # (what the store remembers of prefetches)
    {"plan", "watch"},
    {"calls"},  # (the call: environment, directory, project)
    {"rules"},
    {"toolchain"},
    {"settings"},
    {"daily"},  # (what is said once a day)
    {"invocation", "store"},  # (the command line; the cache)
    {"own_directory"},  # (where something may be kept)
    {"facts", "edited_file"},
    {"secrets"},  # (what to mask)
    {"data", "start_block", "whole_file"},  # (files beside the code, the block in start files)
    {"errors", "terminal", "encoding", "shell_syntax"},  # (text on a terminal, bytes as text, what a shell can read)
    {""},  # (goshim itself: its version)
]
FLOOR = {name: height for height, floor in enumerate(reversed(FLOORS)) for name in floor}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def top(path: Path) -> str:
    """The part of the house that a file belongs to."""
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imports(path: Path) -> set[str]:
    """The parts of the house that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "goshim":
                part = rest.partition(".")[0]
                found.add(part if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").is_file() else "")
    return found


def test_each_part_has_its_place_in_the_house():
    assert {top(path) for path in MODULES} <= FLOOR.keys()


@for_each("path", MODULES)
def test_imports_run_downwards_only(path):
    above = {name for name in imports(path) - {top(path)} if FLOOR[name] >= FLOOR[top(path)]}
    assert above == set()


@for_each("name", ["rules", "facts"])
def test_what_is_pure_starts_no_program(name):
    for path in (PACKAGE / name).glob("*.py"):
        if path.name != "command.py":
            assert "subprocess" not in path.read_text(encoding="utf-8"), path.name


@for_each("path", sorted((PACKAGE / "doctor/checks").glob("*.py")))
def test_checks_ask_facts_and_not_the_machine(path):
    text = path.read_text(encoding="utf-8")
    modules = {alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names}
    assert modules.isdisjoint({"os", "socket", "subprocess", "time", "pathlib"})
    assert "look.host" not in text
    assert not re.search(r"(?<![\w.])open\(", text)

"""The walls of the house: imports run downwards only, checks are pure, and an id leads to its code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from goshim.base import resources
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.all_probes import PROBES
from goshim.rules import RULES
from tests.tables import for_each

PACKAGE = Path(resources.PACKAGE)

# The listing of goshim/, from top to bottom: what stands on one floor imports neither its neighbours nor what is above.
FLOORS = (
    ("cli", "__main__"),
    ("doctor",),
    ("boot", "launcher"),
    ("watch",),
    ("plan",),
    ("rules",),
    ("toolchain",),
    ("settings",),
    ("facts",),
    ("call",),
    ("base",),
    ("__init__",),
)

# The same of goshim/doctor/; each subject is a neighbour of the others.
DOCTOR_FLOORS = (
    ("run",),
    ("all_checks",),
    ("subjects",),
    ("machine",),
    ("engine",),
    ("all_probes", "formats"),
    ("__init__",),
)
BETWEEN_SUBJECTS = {("online", "certificates"), ("modules", "certificates"), ("environment", "cgo")}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
DOCTOR = PACKAGE / "doctor"


def imports(path: Path) -> set[tuple[str, ...]]:
    """What of goshim a file imports, also inside functions: each module as its parts, without `goshim`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, *parts = name.split(".")
            if first == "goshim":
                found.add(_module(parts))
    return found


def _module(parts: list[str]) -> tuple[str, ...]:
    """The parts that are packages or modules; the rest are names in them. A package itself is its `__init__`."""
    at, found = PACKAGE, []
    for part in parts:
        if not (at / part).is_dir() and not (at / f"{part}.py").is_file():
            break
        at, found = at / part, [*found, part]
    return tuple(found) if not at.is_dir() else (*found, "__init__")


def upward(directory: Path, floors: tuple[tuple[str, ...], ...], below: tuple[str, ...]) -> list[str]:
    """The imports between the rooms of a directory that do not run downwards."""
    height = {name: number for number, floor in enumerate(reversed(floors)) for name in floor}
    found = []
    for path in MODULES:
        if directory in path.parents:
            room = path.relative_to(directory).parts[0].removesuffix(".py")
            inside = [
                parts[len(below)] for parts in imports(path) if parts[: len(below)] == below and len(parts) > len(below)
            ]
            found += [
                f"{path.relative_to(PACKAGE)} imports {name}"
                for name in inside
                if name != room and height[name] >= height[room]
            ]
    return found


def listing(directory: Path) -> set[str]:
    """The modules and packages in a directory."""
    names = {path.stem for path in directory.glob("*.py")}
    return names | {path.name for path in directory.iterdir() if (path / "__init__.py").is_file()}


def test_the_table_of_floors_is_the_listing_of_the_directory():
    assert {name for floor in FLOORS for name in floor} == listing(PACKAGE) | {"__main__"}
    assert {name for floor in DOCTOR_FLOORS for name in floor} == listing(DOCTOR)


def test_imports_run_downwards_only():
    assert upward(PACKAGE, FLOORS, ()) == []
    assert upward(DOCTOR, DOCTOR_FLOORS, ("doctor",)) == []


def test_among_the_subjects_of_doctor_only_three_use_another():
    subjects, found = DOCTOR / "subjects", set()
    for path in subjects.rglob("*.py"):
        room = path.relative_to(subjects).parts[0]
        found |= {(room, parts[2]) for parts in imports(path) if parts[:2] == ("doctor", "subjects")} - {(room, room)}
    assert found == BETWEEN_SUBJECTS


def test_an_id_leads_to_its_code():
    """A check or rule is the function that has its id, with _ for -, in doctor/subjects/ or rules/."""
    for kind, known, directory in (("check", CHECKS, DOCTOR / "subjects"), ("rule", RULES, PACKAGE / "rules")):
        text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(directory.rglob("*.py")))
        found = re.findall(rf'^@{kind}\("([a-z-]+)".*\ndef (\w+)\(', text, re.MULTILINE)
        assert sorted(found) == sorted((each.id, each.id.replace("-", "_")) for each in known)


def test_each_probe_is_there():
    for name, place in PROBES.items():
        module, _, function = place.partition(":")
        text = (PACKAGE.parent / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        assert f"\ndef {function}(" in text, name


@for_each("name", ["rules", "facts"])
def test_what_is_pure_starts_no_program(name):
    for path in (PACKAGE / name).glob("*.py"):
        if path.name != "command.py":
            assert "subprocess" not in path.read_text(encoding="utf-8"), path.name


@for_each("path", sorted((DOCTOR / "subjects").rglob("*check*.py")))
def test_checks_ask_facts_and_not_the_machine(path):
    text = path.read_text(encoding="utf-8")
    modules = {alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names}
    assert modules.isdisjoint({"os", "socket", "subprocess", "time", "pathlib"})
    assert "look.host" not in text
    assert not re.search(r"(?<![\w.])open\(", text)

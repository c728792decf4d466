"""The toolchain that a project asks for: cmd/go/internal/toolchain/select.go, Select and Exec."""

from __future__ import annotations

import re
from dataclasses import dataclass

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import go_versions
from goshim.doctor.formats.go_versions import Order
from goshim.doctor.machine import basics, go_mod, go_values
from goshim.doctor.machine.go_mod import GoMod
from goshim.doctor.subjects.toolchain import facts as toolchains

_MODULE = "golang.org/toolchain"
_SUFFIXES = ("auto", "path")
FIRST_TO_SWITCH = (1, 21)
"""The release since which go runs another toolchain where one is asked for."""


@dataclass(frozen=True)
class Policy:
    """GOTOOLCHAIN: what go runs at least (`local`: itself), and where it may look for a newer one.

    `finds` is auto, path, or empty for nowhere. `is_valid` is false for a value that ends every call.
    """

    least: str = "local"
    finds: str = ""
    is_valid: bool = True


@dataclass(frozen=True)
class Wanted:
    """The file that asks, what it asks for, and the name of the toolchain that go will run for it, such as go1.24.0.

    `is_enough` is false where that one is older than the file's go line.
    """

    file: GoMod
    own: str
    target: str
    is_enough: bool


def policy(look: Look) -> Policy:
    """GOTOOLCHAIN as go gets it here. Without any, as when a packager took it from go.env, nothing is switched."""
    value = go_values.find(look, "GOTOOLCHAIN")
    text = go_values.after_goshim(look, value) if value else ""
    if text in _SUFFIXES:
        return Policy(finds=text)
    least, plus, suffix = text.partition("+")
    names_one = least.startswith("go1") and go_versions.order(least) is not None
    is_least = least == "local" or names_one or "-go1" in least  # such as gccgo-go1.20.3
    is_valid = not text or (is_least and (not plus or suffix in _SUFFIXES))
    return Policy(least or "local", suffix, is_valid)


def is_refused(look: Look) -> bool:
    """Whether the go that is run ends every call, in a module or not, for its GOTOOLCHAIN: go 1.21 and later."""
    try:
        version = go_versions.order(look(toolchains.own).version) or ()
    except UnknownError:
        return False
    return version[:2] >= FIRST_TO_SWITCH and not look(policy).is_valid


def wanted(look: Look) -> Wanted:
    """What is asked for here. Unknown outside a module, or where it can't be told what go is."""
    file = look(go_mod.governing)
    if file is None:
        raise UnknownError("there is no go.mod or go.work here that would ask for a toolchain")
    if basics.go_setting(look, "GO111MODULE") == "off":
        raise UnknownError("GO111MODULE=off: go reads no go.mod")
    own = look(toolchains.own).version
    if go_versions.order(own) is None:
        raise UnknownError(f"this go is {own}, which is no release")
    chosen = look(policy)
    target = own if chosen.least == "local" else chosen.least
    if chosen.finds and file.toolchain != "default":
        if _order(file.toolchain) > _order(target):
            target = file.toolchain
        if _order(file.go) > _order(target):
            target = f"go{file.go}" + (".0" if go_versions.is_language(file.go) else "")
    return Wanted(file, own, target, _order(target) >= _order(file.go))


def on_path(look: Look) -> str:
    """The program on PATH that go would run as the toolchain that is asked for; empty for none."""
    target, table = look(wanted).target, look(basics.machine).mounts
    entries = [each.rstrip("/") for each in look(basics.path_entries) if each[:1] == "/" and not table.on_windows(each)]
    return next((f"{each}/{target}" for each in entries if look.host.runnable(f"{each}/{target}")), "")


def in_cache(look: Look) -> str:
    """The directory, or the file, of that toolchain in the module cache; empty for none."""
    version = f"v0.0.1-{look(wanted).target}.{look(toolchains.own).platform.replace('/', '-')}"
    cache = look(basics.cache)
    unpacked = f"{cache}/{_MODULE}@{version}"
    packed = f"{cache}/cache/download/{_MODULE}/@v/{version}.zip"
    if look.host.exists(f"{unpacked}/bin/go"):
        return unpacked
    return packed if look.host.exists(packed) else ""


def obstacle(look: Look) -> go_values.Value | None:
    """The setting that forbids to fetch a toolchain; None where none does.

    GOSUMDB=off too: the checksum of a toolchain is always asked for, and where that is off, refused
    (cmd/go/internal/modfetch/sumdb.go, useSumDB), except from a GOPROXY that is one file:// address.
    """
    proxy = go_values.find(look, "GOPROXY")
    text = go_values.after_goshim(look, proxy) if proxy else ""
    entries = [entry.strip() for entry in re.split("[,|]", text) if entry.strip()]
    if entries[:1] == ["off"]:
        return proxy
    sums = go_values.find(look, "GOSUMDB")
    is_file = len(entries) == 1 and entries[0].startswith("file://")
    return sums if sums and not is_file and go_values.after_goshim(look, sums) == "off" else None


def _order(version: str) -> Order:
    """Malformed and missing versions are less than all others, as to go."""
    return go_versions.order(version) or (0, 0, 0, 0)

"""The toolchains of a machine: each that is installed, what the chosen one says of itself, what lies in its GOROOT."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from goshim.base.errors import GoshimError
from goshim.base.resources import load_rows
from goshim.doctor.engine.doctor_host import Done
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import go_versions
from goshim.doctor.machine import basics, go_values
from goshim.facts import Facts, Goroot
from goshim.rules import goroot
from goshim.settings.model import Settings
from goshim.toolchain import Candidate, Search, Toolchain

USUAL = "/usr/local/go"

# The binary alone, whatever go.mod, the environment or the go env file ask for; and no PATH to look for compilers in.
_ALONE = {
    "GOROOT": None,
    "GOENV": "off",
    "GOFLAGS": "",
    "GOTOOLCHAIN": "local",
    "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION": None,
    "PATH": "/usr/bin:/bin",
}
_FLAG = re.compile(r"--?[^-=].*", re.DOTALL)
_BLANKS = " \t\r\n"
_LEAST_WORDS = 4  # go version go1.27.3 linux/amd64
_NEWEST = 10**6


@dataclass(frozen=True)
class Installed:
    """A go on this machine. `version` is what $GOROOT/VERSION says; it and `goroot` are empty for a manager's shim."""

    go: str
    real: str
    goroot: str
    version: str
    source: str

    @property
    def directory(self) -> str:
        """Where it is found, such as an entry of PATH."""
        return os.path.dirname(self.go)

    @property
    def is_on_path(self) -> bool:
        """Whether an entry of PATH holds it."""
        return self.source.startswith("PATH")


@dataclass(frozen=True)
class Own:
    """What a go says it is: `go1.27.3` and `linux/amd64`."""

    version: str
    platform: str


def settings_error(look: Look) -> str:
    """What is wrong with goshim's config; empty if nothing is."""
    try:
        look(basics.loaded)
    except UnknownError as error:
        return str(error)
    return ""


def refusal(look: Look) -> tuple[str, ...]:
    """The lines that goshim ends with where there is no go to run; none where there is one."""
    search = _automatic(look) if look(settings_error) else look(basics.search)
    try:
        search.choose()
    except GoshimError as error:
        return tuple(str(error).split("\n"))
    return ()


def candidates(look: Look) -> tuple[Toolchain | Candidate, ...]:
    """Each go of PATH, of the usual places and of goshim[go], in this order, whatever toolchain.go says."""
    return tuple(_automatic(look).candidates())


def installed(look: Look) -> tuple[Installed, ...]:
    """Each go that can be run, once, by the name under which it is found first."""
    search = _automatic(look)
    found: dict[str, Installed] = {}
    for each in look(candidates):
        if isinstance(each, Toolchain):
            real = look.host.real(each.go)
            found.setdefault(real, Installed(each.go, real, each.goroot, search.version(each.goroot), each.source))
    return tuple(found.values())


def used(look: Look) -> Installed:
    """The go that is run here. Unknown where there is none."""
    chosen = look(basics.toolchain)
    version = look(basics.search).version(chosen.goroot)
    return Installed(chosen.go, look.host.real(chosen.go), chosen.goroot, version, chosen.source)


def of_windows(look: Look) -> tuple[str, ...]:
    """Each go.exe in an entry of PATH that is named like Go's own; others are not looked into."""
    table = look(basics.machine).mounts
    entries = [entry.rstrip("/") for entry in look(basics.path_entries) if table.on_windows(entry)]
    paths = [f"{entry}/go.exe" for entry in entries if entry.lower().endswith("go/bin")]
    return tuple(path for path in dict.fromkeys(paths) if look.host.exists(path))


def answer(look: Look) -> Done:
    """How `go version` goes, with the go that is run here. Unknown without one, or if it is another manager's shim."""
    toolchain = look(basics.toolchain)
    if not toolchain.goroot:
        raise UnknownError(f"{toolchain.go} is another manager's shim, which chooses a go by its own rules")
    return look.host.command([toolchain.go, "version"], _ALONE)


def own(look: Look) -> Own:
    """What the go that is run here says it is. Unknown where it says nothing, or is another manager's shim."""
    done = look(answer)
    words = done.output.decode("utf-8", "replace").split()
    if done.code != 0 or len(words) < _LEAST_WORDS:
        raise UnknownError(f"{look(basics.toolchain).go} version: {done.error or f'exit code {done.code}'}")
    return Own(words[2], words[-1])


def refused_setting(look: Look) -> go_values.Value | None:
    """The variable that `go version` names where it ends with a message of its own; None where it names none set."""
    names = re.findall(r"\b(?:GO|CGO_)[A-Z0-9_]+\b", refused(look))
    return next((value for name in names if (value := go_values.find(look, name))), None)


def refused(look: Look) -> str:
    """What `go version` says where it ran, and ended for a setting: `go: …`. Empty where it did anything else."""
    done = look(answer)
    text = done.errors.decode("utf-8", "replace").strip()
    return text if done.code and text.startswith("go: ") else ""


def flags_fault(look: Look) -> str:
    """What go ends every call with for its GOFLAGS; empty if it can take them apart.

    cmd/go/internal/base/goflags.go, InitGOFLAGS; cmd/internal/quoted, Split. Whether it knows a flag is not judged:
    each go knows others.
    """
    value = go_values.find(look, "GOFLAGS")
    rest = go_values.after_goshim(look, value).lstrip(_BLANKS) if value else ""
    while rest:
        if rest[0] in "\"'":
            quote = rest[0]
            flag, end, rest = rest[1:].partition(quote)
            if not end:
                return f"go: parsing $GOFLAGS: unterminated {quote} string"
        else:
            flag = re.split(f"[{_BLANKS}]", rest, maxsplit=1)[0]
            rest = rest[len(flag) :]
        if not _FLAG.fullmatch(flag):
            return f'go: parsing $GOFLAGS: non-flag "{flag}"'
        rest = rest.lstrip(_BLANKS)
    return ""


def goroot_fault(look: Look, value: str) -> str:
    """Why the go that is run here can't work with this GOROOT; empty if it can. By the rule goroot-foreign.

    A shim's version is not known, so only the directory itself is judged for one.
    """
    machine = look(basics.machine)
    try:
        version = look(own).version
    except UnknownError:
        version = ""
    there = None
    if value.startswith("/"):
        there = Goroot(look.host.is_directory(f"{value}/pkg/tool"), _first_word(look(basics.search).version(value)))
    facts = Facts({"GOROOT": value}, machine.wsl, machine.mounts, go_version=version, goroot=there)
    reasons = [reason for _, _, reason in goroot.goroot_foreign.apply(facts, Settings())]
    if not reasons and there is None:
        return "a relative path, of which go can find nothing"
    return reasons[0].partition(";")[0] if reasons else ""


def is_slow_alone(look: Look, value: str) -> bool:
    """Whether a GOROOT on a Windows drive is else as it should be: a Linux toolchain of the version that is run."""
    if not look(basics.machine).mounts.on_windows(value) or not look.host.glob(f"{value}/pkg/tool/linux_*"):
        return False
    return _first_word(look(basics.search).version(value)) == look(own).version


def foreign_files(look: Look) -> tuple[str, ...]:
    """The files in the chosen GOROOT that its release does not have, each with those that do.

    Unknown where VERSION names no release: a development tree has files of any.
    """
    root = look(basics.toolchain).goroot
    version = look(version_file)
    release = go_versions.minor(version)
    if release is None:
        raise UnknownError(f"{root}/VERSION names no release of Go")
    return tuple(
        f"{root}/{row['path']}: {_of(row)}"
        for row in load_rows("goroot-files.toml", "file")
        if not int(row.get("since", 0)) <= release <= int(row.get("until", _NEWEST))
        and look.host.exists(f"{root}/{row['path']}")
    )


def version_file(look: Look) -> str:
    """The version in the VERSION file of the go that is run here. Unknown where it has none, or go is a shim."""
    toolchain = look(basics.toolchain)
    if not toolchain.goroot:
        raise UnknownError(f"{toolchain.go} is another manager's shim, and its toolchain is not known")
    if not (version := _first_word(look(basics.search).version(toolchain.goroot))):
        raise UnknownError(f"{toolchain.goroot} has no VERSION file")
    return version


def windows_target(look: Look, path: str) -> str:
    """What a path resolves to where that is on a Windows drive; empty where it is not, or nothing is there."""
    real = look.host.real(path) if look.host.status(path) else ""
    return real if real and look(basics.mounts).on_windows(real) else ""


def is_link(look: Look, path: str) -> bool:
    """Whether path is itself a symlink."""
    return look.host.link(path) is not None


def _automatic(look: Look) -> Search:
    return Search(look.host, look(basics.machine), Settings(), embedded_places=look(basics.installation).embedded)


def _first_word(text: str) -> str:
    return text.partition(" ")[0]


def _of(row: dict[str, str]) -> str:
    return f"since Go 1.{row['since']}" if "since" in row else f"until Go 1.{row['until']}"

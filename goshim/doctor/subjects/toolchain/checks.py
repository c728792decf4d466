"""Checks of the go that is run: whether there is one, which one, and whether it will do for the project."""

from __future__ import annotations

import re

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import go_versions
from goshim.doctor.machine import basics, go_mod, go_values, origins
from goshim.doctor.machine import variable_remedies as mend
from goshim.doctor.machine.go_mod import Fault
from goshim.doctor.machine.go_values import Value
from goshim.doctor.subjects.toolchain import facts as toolchains
from goshim.doctor.subjects.toolchain import wanted
from goshim.doctor.subjects.toolchain.facts import Installed
from goshim.doctor.subjects.toolchain.wanted import Wanted

_GET_ONE = "  get one with: "
_PLAIN = re.compile(r"1\.\d+")  # the only shape of a go line until 1.20
_SYSTEM_DIRECTORIES = frozenset({"/usr/local/bin", "/usr/bin", "/bin", "/snap/bin"})
_APPENDED = re.compile(r"(\s*(?:export\s+)?PATH=)([\"']?)(\$PATH|\$\{PATH\}):([^:\"'\s$]+)\2\s*")
_NEWER = Remedy("unpack a newer Go, from https://go.dev/dl/")


@check("toolchain-found", "toolchain")
def toolchain_found(look: Look) -> Verdict:
    """The go that is run from here: its version, where it is, and how it was found.

    Without one nothing works. One that is not on PATH is used by goshim alone: a shell, an editor and make don't find
    it.

    goshim looks where its settings say: `toolchain.go`, else PATH, else the places where Go is usually unpacked, else
    the extra `goshim[go]`. goshim's own launcher, a Windows `go.exe` and what can't be executed are passed over.

    Settings can end every call as well: a GOPATH that is relative, a GOEXPERIMENT that this go does not know, and a
    GOFLAGS with an open quote or a word that begins with no `-` (cmd/go/internal/base/goflags.go).
    """
    is_acting = look(basics.is_acting)
    if error := look(toolchains.settings_error):
        stops = ", so that go is not run" if is_acting else ""
        remedy = Remedy("see each error with its file and line", "goshim config check")
        return (fail if is_acting else warn)(f"goshim's config has an error{stops}", error, remedies=(remedy,))
    if lines := look(toolchains.refusal):
        return _none(lines, is_fatal=is_acting or not _shell_finds_one(look))
    toolchain = look(basics.toolchain)
    if toolchain.goroot and (broken := _broken(look)):
        return broken
    if words := look(toolchains.flags_fault):
        return _refused_flags(look, words)
    if not toolchain.goroot:
        return ok(
            f"go is {printable(toolchain.go)}, another manager's shim", "which toolchain it runs is decided by that one"
        )
    summary = f"{look(toolchains.own).version} at {printable(toolchain.go)} ({printable(toolchain.source)})"
    if is_acting or _shell_finds_one(look):
        return ok(summary, f"GOROOT {printable(toolchain.goroot)}")
    return _unseen(look(toolchains.used), summary)


@check("toolchain-shadowed", "toolchain")
def toolchain_shadowed(look: Look) -> Verdict:
    """Other versions of Go on this machine, and whether the one that is run hides the one that was meant.

    An older go of the distribution, found first, is run in place of a newer one whose directory stands behind it in
    PATH, and every build is one of the older Go.

    It comes about by `export PATH=$PATH:/usr/local/go/bin`, the line of Go's own instructions (go.dev/doc/install),
    where there is a `/usr/bin/go`. That alone is a warning: several versions side by side are common, and a shim of
    mise, asdf or goenv that comes first chooses one for each directory. A Windows `go.exe` in PATH is never what `go`
    means: Linux looks for the exact name (microsoft/WSL issue 1640).
    """
    used = look(toolchains.used)
    others = [each for each in look(toolchains.installed) if each.real != used.real]
    different = [each for each in others if each.goroot and each.version != used.version]
    windows = [f"{printable(path)}: of Windows, never run by the name go" for path in look(toolchains.of_windows)]
    if used.is_on_path and used.directory in _SYSTEM_DIRECTORIES:
        hidden = [each for each in different if _is_meant(each, used)]
        if hidden:
            return _hidden(look, used, hidden[0])
    if not used.goroot:
        there = [*map(_line, others), *windows]
        return info(f"the first go is {printable(used.go)}, another manager's shim: it chooses the version", *there)
    if not different:
        return ok(f"no other version than {used.version}", *map(_line, others), *windows)
    verb = "is" if len(different) == 1 else "are"
    return info(
        f"{used.version} is run; {len(different)} of another version {verb} installed",
        *map(_line, [used, *different]),
        *windows,
        detail="This is nothing wrong: the first on PATH is run, and the setting toolchain.go can name another.",
    )


@check("toolchain-wanted", "toolchain")
def toolchain_wanted(look: Look) -> Verdict:
    """The Go that go.mod or go.work asks for here, and where it comes from: this one, PATH, the module cache, the net.

    A go.mod that asks for a newer Go than there is ends every call, or makes go download one, which on a closed network
    hangs or fails.

    Since 1.21 go looks for a program such as `go1.24.11` on PATH, then for `golang.org/toolchain` in the module cache,
    then downloads that, as GOTOOLCHAIN allows (cmd/go/internal/toolchain/select.go). Debian's and Fedora's go come with
    GOTOOLCHAIN=local, and a GOTOOLCHAIN that names none ends every call, outside a module too. So does a go.mod that
    can't be read, and a GOWORK that names no file. A toolchain's checksum is always verified: with GOSUMDB=off it is
    refused, not trusted (cmd/go/internal/modfetch/sumdb.go, useSumDB). An older go takes a newer go line for a remark,
    and does not know `toolchain` nor `go 1.24.0`.
    """
    setting = go_values.find(look, "GOTOOLCHAIN")
    if setting and look(wanted.is_refused):
        return fail(f"go: invalid GOTOOLCHAIN {setting.text!r}", setting.shown, remedies=_back_to_auto(setting))
    if (fault := look(go_mod.fault)) and basics.go_setting(look, "GO111MODULE") != "off":
        return _unreadable(look, fault)
    asked = look(wanted.wanted)
    if (go_versions.order(asked.own) or ())[:2] < wanted.FIRST_TO_SWITCH:
        return _for_old_go(asked)
    if not asked.is_enough:
        return _too_old(asked, setting)
    if asked.target == asked.own:
        return ok(f"{asked.own} will do", _asks(asked))
    if program := look(wanted.on_path):
        return ok(f"go runs {asked.target} from PATH", _asks(asked), printable(program))
    if look(wanted.policy).finds == "path":
        summary = f'go: cannot find "{asked.target}" in PATH'
        return fail(summary, *_evidence(asked, setting), remedies=(*_back_to_auto(setting), _NEWER))
    if cached := look(wanted.in_cache):
        return ok(f"go runs {asked.target} from the module cache", _asks(asked), printable(cached))
    if obstacle := look(wanted.obstacle):
        return fail(
            f"{asked.target} is needed and can't be fetched: {obstacle.name}=off",
            *_evidence(asked, setting),
            obstacle.shown,
            remedies=(_unset(obstacle), _NEWER),
        )
    return info(f"the next go call here downloads {asked.target}", *_evidence(asked, setting))


def _shell_finds_one(look: Look) -> bool:
    return any(each.is_on_path for each in look(toolchains.installed))


def _none(lines: tuple[str, ...], *, is_fatal: bool) -> Verdict:
    """There is no go that goshim would run; without its launcher a shell may well find one."""
    command = next((line.removeprefix(_GET_ONE) for line in lines if line.startswith(_GET_ONE)), "")
    evidence = [line.strip() for line in lines[1:] if line.strip() and not line.startswith(_GET_ONE)]
    if command:
        remedy = Remedy("get one by goshim; or unpack one from https://go.dev/dl/", command)
    else:
        remedy = Remedy("see where the setting stands", "goshim config show --origin")
    return (fail if is_fatal else warn)(printable(lines[0]), *map(printable, evidence), remedies=(remedy,))


def _broken(look: Look) -> Verdict | None:
    """The go does not run, or refuses to; None where it answers."""
    go, done = printable(look(basics.toolchain).go), look(toolchains.answer)
    if done.code == 0:
        return None
    if done.code is None and done.error.startswith("no answer"):
        return skip(f"{go} version: {done.error}")
    if words := look(toolchains.refused):
        return _refused_setting(look, words)
    said = done.errors.decode("utf-8", "replace").strip().split("\n")[:3]
    is_of_machine = done.code is None or done.code < 0
    remedy = Remedy("unpack it again, for this kind of machine, from https://go.dev/dl/")
    return fail(
        f"{go} does not run: {done.error or f'exit code {done.code}'}",
        *(printable(line) for line in said if line),
        remedies=(remedy,) if is_of_machine else (),
    )


def _refused_setting(look: Look, words: str) -> Verdict:
    setting = look(toolchains.refused_setting)
    lines = [printable(line) for line in words.split("\n")[:3]]
    if not setting:
        remedy = Remedy("see what is set, and take back what go names", "env | grep -E '^C?GO'")
        return fail("go refuses a setting, and with it every call", *lines, remedies=(remedy,))
    if setting.name in look(basics.mended):
        return info(f"go alone refuses {setting.name}; goshim's launcher mends it at each call", *lines, setting.shown)
    return fail(
        f"go refuses {setting.name}, and with it every call",
        *lines,
        setting.shown,
        remedies=(mend.undone(setting, f"take {setting.name} back, or correct it"),),
    )


def _refused_flags(look: Look, words: str) -> Verdict:
    setting = go_values.find(look, "GOFLAGS")
    evidence, remedies = ([setting.shown], (mend.undone(setting, "take GOFLAGS back"),)) if setting else ([], ())
    detail = "Blanks part the flags; quotes go around a whole one, '-ldflags=-s -w', and each begins with a `-`."
    return fail(printable(words), *evidence, remedies=remedies, detail=detail)


def _unreadable(look: Look, fault: Fault) -> Verdict:
    """A go.mod or go.work that go can't have."""
    setting = go_values.find(look, "GOWORK") if fault.by_setting else None
    if setting:
        remedies = (mend.undone(setting, "take GOWORK back: go then looks for a go.work itself"),)
        return fail(fault.words, setting.shown, remedies=remedies)
    remedy = Remedy(f"see what it is, and put the project's own file there: {printable(fault.path)}")
    return (fail if fault.is_fatal else warn)(fault.words, printable(fault.path), remedies=(remedy,))


def _unseen(used: Installed, summary: str) -> Verdict:
    directory = quoted(used.directory)
    return warn(
        f"{summary}, which a shell does not find",
        f"GOROOT {printable(used.goroot)}",
        "no entry of PATH has a go",
        remedies=(
            Remedy("let goshim's launcher stand for it, in every shell", "goshim install"),
            Remedy("or put it on PATH, in ~/.profile", f'export PATH={directory}:"$PATH"'),
        ),
    )


def _is_meant(other: Installed, used: Installed) -> bool:
    """Whether someone put the directory of this newer go on PATH, so that it should be run."""
    newer = (go_versions.order(other.version) or ()) > (go_versions.order(used.version) or ())
    return newer and other.is_on_path and other.directory not in _SYSTEM_DIRECTORIES


def _hidden(look: Look, used: Installed, meant: Installed) -> Verdict:
    directory = meant.directory
    lines = [line for line in origins.of(look, "PATH") if directory in line.text]
    edits = tuple(
        Edit(line.path, line.line, line.text, f"{parts[1]}{parts[2]}{directory}:{parts[3]}{parts[2]}")
        for line in lines
        if (parts := _APPENDED.fullmatch(line.text)) and parts[4] == directory
    )
    return warn(
        f"{used.version} is run, and hides {meant.version} behind it in PATH",
        _line(used),
        _line(meant),
        *(f"{line.place}: {printable(line.text.strip())}" for line in lines),
        remedies=(
            Remedy(
                "put the newer one first; in the start file that names it, too",
                f'export PATH={quoted(directory)}:"$PATH"',
                edits=edits,
            ),
        ),
    )


def _line(each: Installed) -> str:
    return f"{printable(each.go)}: {each.version or 'a shim'} ({printable(each.source)})"


def _asks(asked: Wanted) -> str:
    lines = [f"go {asked.file.go}" if asked.file.go else "", f"toolchain {asked.file.toolchain}"]
    said = ", ".join(printable(line) for line in lines if line and line != "toolchain ")
    return f"{printable(asked.file.path)}: {said or 'no go line'}"


def _evidence(asked: Wanted, setting: Value | None) -> list[str]:
    return [_asks(asked), f"go here is {asked.own}", *([setting.shown] if setting else ["GOTOOLCHAIN is not set"])]


def _for_old_go(asked: Wanted) -> Verdict:
    evidence = (_asks(asked), f"go here is {asked.own}: before 1.21 go does not switch to another")
    if asked.file.toolchain:
        return fail(f"{asked.own} knows no toolchain line: unknown directive", *evidence, remedies=(_NEWER,))
    if asked.file.go and not _PLAIN.fullmatch(asked.file.go):
        return fail(f"{asked.own} takes {printable(asked.file.go)} for no version", *evidence, remedies=(_NEWER,))
    if asked.is_enough:
        return ok(f"{asked.own} will do", evidence[0])
    summary = f"{asked.own} is older than go {asked.file.go}: it builds as long as nothing newer is used"
    return warn(summary, *evidence, remedies=(_NEWER,))


def _too_old(asked: Wanted, setting: Value | None) -> Verdict:
    name = f"GOTOOLCHAIN={setting.text if setting else 'local'}"
    if asked.file.toolchain == "default":
        name = "the line `toolchain default`"
    return fail(
        f"go {printable(asked.file.go)} is asked for, and {printable(name)} keeps go at {asked.target}",
        *_evidence(asked, setting),
        remedies=(*_back_to_auto(setting), _NEWER),
    )


def _back_to_auto(setting: Value | None) -> tuple[Remedy, ...]:
    """GOTOOLCHAIN=auto, go's own default."""
    text = "let go fetch the toolchain that is asked for"
    if setting and setting.source == "environment":
        return (Remedy(text, "export GOTOOLCHAIN=auto"),)
    if setting and setting.source == "config":
        return (Remedy(f"{text}: set GOTOOLCHAIN in goshim's config, [env], to auto", "goshim config show --origin"),)
    return (Remedy(text, "go env -w GOTOOLCHAIN=auto"),)


def _unset(obstacle: Value) -> Remedy:
    commands = {"environment": f"unset {obstacle.name}", "file": f"go env -u {obstacle.name}"}
    text = f"take {obstacle.name}=off back; with an internal proxy, name that one"
    return Remedy(text, commands.get(obstacle.source, ""))

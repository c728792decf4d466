"""Checks of cgo: the compiler, where CGO_ENABLED comes from, and who needs it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from goshim.base.redaction import shown
from goshim.base.resources import load_rows
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, go_env, go_mod, origins
from goshim.doctor.subjects.cgo import facts as cgo

_ON = frozenset({"true", "on", "yes", "y", "t", "enabled"})
_OFF = frozenset({"false", "off", "no", "n", "f", "disabled"})
_VERSION = re.compile(r"/v\d")
_FOLKLORE = "no registry value of WSL sets it: DisableCgo occurs nowhere in microsoft/WSL"


@check("cgo-compiler", "environment")
def cgo_compiler(look: Look) -> Verdict:
    """The C compiler that go would run, where cgo is wanted.

    Even `net` and `os/user` use cgo where it is on, so without a compiler most builds end with `cgo: C compiler "gcc"
    not found`. Where nobody asked for cgo, go notices that there is no compiler and quietly builds without.

    Since Go 1.20, go turns cgo off where CC is empty in the environment and its default compiler is not on PATH
    (`cmd/go/internal/cfg/cfg.go`, `defaultContext`); a CC, even of a program that is not there, leaves it on, and a CC
    of `go env -w` does not count for this. A `gcc.exe` of Windows is never found as `gcc`. A compiler without the C
    library's headers (Debian's `gcc` without `libc6-dev`) fails in `runtime/cgo` with `stdlib.h: No such file`.
    """
    found, state = look(cgo.compiler), look(cgo.state)
    if found.program and state.is_on and not look(cgo.has_headers):
        return warn(
            f"{found.program} is there, and the C library's headers are not: what uses cgo does not compile",
            "/usr/include/stdlib.h: not there",
            remedies=_install(look),
        )
    if found.program:
        at = " (a file on a Windows drive)" if look(basics.machine).mounts.on_windows(found.program) else ""
        return ok(f"the C compiler is {printable(found.program)}{at}")
    name = printable(found.name)
    if state.is_on:
        return fail(
            f"cgo is on, and there is no C compiler {name}",
            *_named(look, found),
            *_decided(look, state),
            remedies=(*_install(look, found.name), *_unset_compiler(found), *_switch_off(state)),
        )
    if state.decided_by == "compiler" or (state.decided_by == "goshim" and look(cgo.rule) == "compiler-lookup"):
        return info(f"no C compiler ({name}) is on PATH, so go builds without cgo", remedies=_install(look, found.name))
    return ok(f"no C compiler ({name}), and cgo is off: none is needed", *_decided(look, state))


@check("cgo-source", "environment")
def cgo_source(look: Look) -> Verdict:
    r"""Where CGO_ENABLED comes from, and whether go takes it for what it was meant.

    With cgo off, packages that need it do not compile or are stubs, and names are resolved in pure Go. It counts only
    if it is exactly 0 or 1: with `false`, or the `0\r` of a file with Windows line ends, cgo stays on without a word.

    In this order: the environment (an empty value counts as unset), the file of `go env -w`, and go's own default: off
    for a cross build, or where there is no C compiler (`cmd/go/internal/cfg/cfg.go`, `defaultContext`). `go env -w
    CGO_ENABLED=false` is accepted, and ignored (tried with Go 1.21, 1.24 and 1.27).

    Folklore: a registry value `DisableCgo` of LxssManager that sets it. Neither the name nor CGO_ENABLED occurs in
    [microsoft/WSL](https://github.com/microsoft/WSL). From Windows it can come by WSLENV or DefaultEnvironment alone.
    """
    state = look(cgo.state)
    told = _decided(look, state)
    if harmful := [each for each in state.ignored if _is_misread(each[1], is_on=state.is_on)]:
        place, value = harmful[0]
        summary = f"CGO_ENABLED={printable(value)} is no value to go, which ignores it: cgo is {_word(state)}"
        return warn(summary, *told, *_places(look, place), remedies=_correct(look, place, value))
    summary = f"cgo is {_word(state)}: {_reason(look, state)}"
    if state.decided_by == "goshim":
        return info(summary, *told, detail="goshim's launcher is the first go on PATH, and mends it at each call.")
    if state.ignored or not state.is_on:
        return info(summary, *told, _FOLKLORE) if look(basics.machine).wsl else info(summary, *told)
    return ok(summary, *told)


@check("cgo-module", "environment")
def cgo_module(look: Look) -> Verdict:
    """Modules of go.mod that need cgo, while cgo is off.

    They do not compile (`build constraints exclude all Go files`, or an `undefined` that names nothing of yours), or
    they compile and fail at run time, as go-sqlite3 does. go's message does not say that cgo is the reason (golang/go
    issue 24068).

    The modules are in `config/cgo-modules.toml`, each with its source. Only those are warned of that go.mod requires
    directly; an indirect one may belong to a package that nothing here imports.
    """
    read = look(go_mod.read)
    if read is None:
        return skip("there is no go.mod here")
    elsewhere = {each.path for each in read.replaces if each.by != each.path}
    required = [(path, path not in read.indirect) for path, _ in read.requires if path not in elsewhere]
    rows = [(row, *found) for found in required if (row := _row(found[0]))]
    if not rows:
        return ok("go.mod requires no module that is known to need cgo")
    state = look(cgo.state)
    names = ", ".join(path for _, path, _ in rows)
    if state.is_on:
        return ok(f"cgo is on, as {names} {'needs' if len(rows) == 1 else 'need'} it")
    told = [line for row, path, is_direct in rows for line in _tell(row, path, is_direct=is_direct)]
    summary = f"cgo is off ({_reason(look, state)}), and go.mod requires {names}"
    if any(is_direct and row["effect"] != "part" for row, _, is_direct in rows):
        return warn(summary, *told, *_decided(look, state), remedies=_switch_on(look, state))
    return info(summary, *told, *_decided(look, state), remedies=_switch_on(look, state))


def _word(state: cgo.Cgo) -> str:
    return "on" if state.is_on else "off"


def _reason(look: Look, state: cgo.Cgo) -> str:
    value = f"CGO_ENABLED={int(state.is_on)}"
    if state.decided_by == "goshim":
        return f"goshim sets {value} at each call (rule {look(cgo.rule)})"
    return {
        "environment": f"{value} in the environment",
        "file": f"{value} in {printable(look(basics.go_env_path))}" if state.decided_by == "file" else "",
        "cross": "go's default for another system or processor",
        "toolchain": "this toolchain was built with cgo off",
        "compiler": f"go found no {printable(look(cgo.compiler).name)} on PATH, and CC is not set",
        "default": "go's default",
    }[state.decided_by]


def _decided(look: Look, state: cgo.Cgo) -> tuple[str, ...]:
    """What decides, where it stands, and what stands there and is ignored."""
    lines = [f"CGO_ENABLED={printable(value)} ({place}): ignored by go" for place, value in state.ignored]
    if state.decided_by in ("environment", "file"):
        lines += _places(look, state.decided_by)
    if look(basics.variables).get("CGO_ENABLED") == "":
        lines.append("CGO_ENABLED is set to nothing in the environment, which counts as unset")
        lines += _places(look, "environment")
    if state.decided_by == "cross":
        lines += [f"{name}={value}" for name in ("GOOS", "GOARCH") if (value := basics.go_setting(look, name))]
    return tuple(dict.fromkeys(lines))


def _places(look: Look, place: str, name: str = "CGO_ENABLED") -> tuple[str, ...]:
    if place == "file":
        line = look(go_env.in_force).get(name)
        at = printable(look(basics.go_env_path))
        return (f"{at}:{line.number}: {printable(line.text)}",) if line else ()
    return tuple(f"{each.place}: {printable(each.text.strip())}" for each in origins.of(look, name))


def _named(look: Look, found: cgo.Compiler) -> tuple[str, ...]:
    if not found.named_in:
        return ()
    return (f"CC={shown('CC', found.words)} ({found.named_in})", *_places(look, found.named_in, "CC"))


def _is_misread(value: str, *, is_on: bool) -> bool:
    """Whether what was meant, as far as one can tell, is not what is."""
    meant = value.strip().strip("\"'").lower()
    if meant in _ON | {"1"}:
        return not is_on
    return is_on if meant in _OFF | {"0"} else True


def _correct(look: Look, place: str, value: str) -> tuple[Remedy, ...]:
    meant = "1" if value.strip().strip("\"'").lower() in _ON | {"1"} else "0"
    if place == "file":
        edits = _edits_of_file(look, f"CGO_ENABLED={meant}")
        return (Remedy(f"write {meant}, as was meant", f"go env -w CGO_ENABLED={meant}", edits=edits),)
    edits = tuple(each.corrected(meant) for each in origins.alone(look, "CGO_ENABLED"))
    text = f"set {meant}, as was meant, here and in the file that sets it"
    return (Remedy(text, f"export CGO_ENABLED={meant}", edits=edits),)


def _edits_of_file(look: Look, new: str | None) -> tuple[Edit, ...]:
    line = look(go_env.in_force).get("CGO_ENABLED")
    return (Edit(look(basics.go_env_path), line.number, line.text, new),) if line else ()


def _install(look: Look, name: str = "gcc") -> tuple[Remedy, ...]:
    command = look(cgo.get_compiler)
    return (Remedy("install a C compiler", command, "sudo"),) if command and name in ("gcc", "cc") else ()


def _unset_compiler(found: cgo.Compiler) -> tuple[Remedy, ...]:
    if found.named_in == "environment":
        return (Remedy("or take go's default compiler, here and where CC is set", "unset CC"),)
    return (Remedy("or take go's default compiler", "go env -u CC"),) if found.named_in else ()


def _switch_off(state: cgo.Cgo) -> tuple[Remedy, ...]:
    if state.decided_by == "file":
        return (Remedy("or let go decide, which then builds without cgo", "go env -u CGO_ENABLED"),)
    if state.decided_by == "environment":
        text = "or let go decide, which then builds without cgo; here and where it is set"
        return (Remedy(text, "unset CGO_ENABLED"),)
    return ()


def _switch_on(look: Look, state: cgo.Cgo) -> tuple[Remedy, ...]:
    install = () if look(cgo.compiler).program else _install(look, look(cgo.compiler).name)
    if state.decided_by == "file":
        edits = _edits_of_file(look, None)
        return (*install, Remedy("let go decide: on, where a C compiler is", "go env -u CGO_ENABLED", edits=edits))
    if state.decided_by == "environment":
        edits = tuple(each.commented_out() for each in origins.alone(look, "CGO_ENABLED"))
        text = "let go decide, here and in the file that sets it"
        return (*install, Remedy(text, "unset CGO_ENABLED", edits=edits))
    if state.decided_by == "goshim" and look(cgo.rule) == "cgo-setting":
        command = f"{quoted(look(basics.installation).python)} -m goshim config show --origin"
        return (*install, Remedy("see which config sets cgo.enabled, and change it there", command))
    return install


def _row(path: str) -> dict[str, str] | None:
    """The row of a module, whichever its major version: `/v2`, or `/v3.3/glfw`."""
    rows, longest = _rows()
    versions = _VERSION.finditer(path, 0, longest + len("/v0"))  # go.mod can have 25 000 paths, or one of a megabyte
    prefixes = (path[: found.start()] for found in versions)
    return next((rows[each] for each in (path, *prefixes) if each in rows), None)


@functools.cache
def _rows() -> tuple[dict[str, dict[str, str]], int]:
    """The rows by their paths, and the length of the longest path."""
    rows = {row["path"]: row for row in load_rows("cgo-modules.toml", "module")}
    return rows, max(map(len, rows))


def _tell(row: dict[str, str], path: str, *, is_direct: bool) -> Iterator[str]:
    how = {"build": "does not compile", "run": "compiles, and fails when it is used", "part": "is usable in part"}
    name = f"{path}/{row['package']}" if "package" in row else path
    yield f"{name} {how[row['effect']]}: {row['shows']}{'' if is_direct else ' (an indirect requirement)'}"
    if "instead" in row:
        yield f"  without cgo there is {row['instead']}"

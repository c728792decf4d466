"""Checks of what comes from Windows, and of the directories that variables name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goshim.base.redaction import shown
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, go_env, origins, registry
from goshim.doctor.subjects.cgo import facts as cgo
from goshim.doctor.subjects.environment import directories, wslenv
from goshim.facts.mounts import is_windows_path
from goshim.rules import windows as windows_rules

_PATHS = tuple(windows_rules.windows_value.variables.split())
_ENDS_EVERY_CALL = frozenset({"GOPATH", "GOWORK"})
_ENDS_BUILDS = frozenset({"GOCACHE", "GOMODCACHE", "GOTMPDIR", "TMPDIR"})
_LONG = 120  # characters of a value that are told
_OF_GO = re.compile(
    r"PATH|GO[A-Z0-9]+|CGO_\w+|CC|CXX|GCCGO|\w+_proxy|SSL_CERT_\w+|TMPDIR|SOURCE_DATE_EPOCH", re.IGNORECASE
)
_BUILT_IN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"
"""Of microsoft/WSL src/windows/service/exe/DistributionRegistration.h, for a distribution without its own."""


@check("wslenv-imports", "environment", needs="wsl")
def wslenv_imports(look: Look) -> Verdict:
    r"""What WSLENV brings from Windows of the variables that go obeys.

    A GOROOT of Windows is wrong in any form: `C:\Program Files\Go` ends every call, and translated (`/p`) it is a
    toolchain without a Linux compiler. `PATH/l` replaces the Linux PATH. A CGO_ENABLED or a proxy from there is easily
    forgotten: no file of this distribution has it.

    WSLENV is a list of `NAME/FLAGS`, with case-sensitive names: without flags the value comes as it is; `/p` and `/l`
    translate a path, or a list of paths, and drop a value of which nothing can be translated; a name that is not set on
    Windows arrives empty; an entry with an unknown flag is ignored (microsoft/WSL `src/linux/init/util.cpp`,
    `UtilParseWslEnv`). Start files run later and have the last word.
    """
    entries = look(wslenv.entries)
    if not entries:
        brought = look(basics.variables).get("WSLENV", "")
        return ok("WSLENV brings nothing that go obeys", *([f"WSLENV={shown('WSLENV', brought)}"] if brought else []))
    told = tuple(f"{each.text}: {_arrived(look, each)}" for each in entries)
    own = [f"{each.place}: {printable(each.text.strip())}" for each in origins.of(look, "WSLENV")]
    if own:
        text = "a start file sets WSLENV, for what goes to Windows; what came from there, it no longer tells"
        return info(text, *own, *told)
    wrong = look(wslenv.wrong)
    if not wrong:
        return info("WSLENV brings variables from Windows that go obeys: " + _names(entries), *told)
    names = _names(wrong)
    mended = all(each.name in look(basics.mended) for each in wrong)
    remedies = tuple(map(_take_out, wrong))
    if mended:
        return info(f"WSLENV brings {names} from Windows; goshim mends it at each call", *told, remedies=remedies)
    return warn(f"WSLENV brings {names} from Windows, which is wrong here", *told, remedies=remedies)


@check("windows-values", "environment")
def windows_values(look: Look) -> Verdict:
    r"""Variables that name a Windows path, in the environment or in the file of `go env -w`.

    On Linux `C:\go` is a relative name, and the colon parts a list: go ends with `GOPATH entry is relative; must be
    absolute path: "C"`, `GOCACHE is not an absolute path`, or `creating work dir: stat C:\…: no such file or
    directory`.

    Looked at are GOPATH, GOMODCACHE, GOCACHE, GOBIN, GOTMPDIR, GOENV, GOWORK, GOCOVERDIR and TMPDIR. goshim's rule
    `windows-value` translates those of the environment under WSL; what stands in the file is not changed.
    """
    variables, file = look(basics.variables), look(go_env.in_force) if _has_file(look) else {}
    found = [name for name in _PATHS if is_windows_path(variables.get(name, ""))]
    in_file = [
        name
        for name in _PATHS
        if not variables.get(name) and name in file and name in go_env.KNOWN and is_windows_path(file[name].value)
    ]
    if not found and not in_file:
        return ok("no variable of go's has a value of the form C:\\…")
    evidence = [line for name in found for line in origins.told(look, name)]
    place = printable(look(basics.go_env_path)) if in_file else ""
    evidence += [f"{place}:{file[name].number}: {printable(file[name].text)}" for name in in_file]
    remedies = (*(_unset(look, name) for name in found), *(_out_of_file(look, name) for name in in_file))
    open_ = {name for name in found if name not in look(basics.mended)} | set(in_file)
    names = ", ".join([*found, *in_file])
    if not open_:
        return info(f"{names}: a Windows path, which goshim translates at each call", *evidence, remedies=remedies)
    summary = f"{names}: a Windows path, which go on Linux can't use"
    if open_ & (_ENDS_EVERY_CALL | _ENDS_BUILDS):
        return fail(summary, *evidence, remedies=remedies)
    return warn(summary, *evidence, remedies=remedies)


@check("illegal-directory", "environment")
def illegal_directory(look: Look) -> Verdict:
    r"""Names of directories that go can't work with: the project's, GOPATH, the caches.

    A line end in the path of a project or module cache ends with `invalid package directory`. With a name that is not
    UTF-8 (an archive from a Chinese or Japanese Windows unpacks to such) packages with cgo do not compile. A colon in
    GOPATH parts two directories.

    Folklore: that blanks or Chinese characters make `go mod download` fail, silently even. They do not; neither do
    quotes, `$`, `@`, a colon elsewhere than in GOPATH or HOME, a leading `-` or a tab (tried with Go 1.21 and 1.27:
    forty names for a project, the odd ones among them for each directory of go's). `cmd/go/internal/load/pkg.go`
    refuses a package whose directory has `\r` or `\n` in it; `cmd/go/main.go` a relative entry of GOPATH.
    """
    found = look(directories.faults)
    if not found:
        unusual = [each for each in look(directories.used) if not each.path.isascii() or " " in each.path]
        told = (f"{each.role}: {printable(each.path)} (blanks and letters of any script are fine)" for each in unusual)
        return ok("go can work with the names of its directories", *told)
    evidence = tuple(f"{each.directory.role}: {printable(each.directory.path)}: {each.words}" for each in found)
    remedies = tuple(dict.fromkeys(_move(look, each) for each in found))
    worst = min(found, key=lambda each: directories.LIMITS.index(each.limit))
    limit = f" where {worst.limit}" if worst.limit else ""
    summary = f"{worst.directory.role}: a directory with a name that go can't work with{limit}"
    if not worst.limit:
        return fail(summary, *evidence, remedies=remedies)
    if worst.limit == directories.WITH_CGO and not look(cgo.state).is_on:
        return info(f"{summary}, and cgo is off", *evidence, remedies=remedies)
    return warn(summary, *evidence, remedies=remedies)


@check("default-environment", "environment", needs="wsl")
def default_environment(look: Look) -> Verdict:
    """Variables that the registry gives to every process that wsl.exe starts.

    A GOROOT, CGO_ENABLED or proxy that no start file sets may come from there; sudo, cron and services do not get it.

    It is `DefaultEnvironment` of this distribution's registration, the real way of the registry into the environment;
    few distributions have it. autoProxy, WSLENV and start files come after it and win (microsoft/WSL
    src/windows/service/exe/DistributionRegistration.h; src/linux/init/config.cpp, ConfigCreateEnvironmentBlock).
    """
    found = look(registry.distribution).get("DefaultEnvironment")
    pairs = [text.partition("=")[::2] for text in found.strings] if found else []
    concern = {name: value for name, value in pairs if _OF_GO.fullmatch(name) and value != _BUILT_IN_PATH}
    if not concern:
        return ok("the registry gives no variable that matters to go")
    evidence = [f"DefaultEnvironment: {name}={shown(name, value)}" for name, value in concern.items()]
    harmful = [
        name for name, value in concern.items() if _is_in_force(look, name, value) and _is_harmful(look, name, value)
    ]
    left = [name for name in harmful if name not in look(basics.mended)]
    if not left:
        mended = "; goshim mends it at each call" if harmful else ""
        return info(f"the registry gives {', '.join(concern)}{mended}", *evidence)
    unset = " ".join(name for name in left if name != "PATH")
    remedies = [Remedy("for this shell; for all, put it into ~/.profile", f"unset {unset}")] if unset else []
    return warn(
        f"the registry gives {', '.join(left)}, which does not fit go here", *evidence, remedies=tuple(remedies)
    )


def _names(entries: Sequence[wslenv.Entry]) -> str:
    return ", ".join(dict.fromkeys(each.name for each in entries))


def _arrived(look: Look, entry: wslenv.Entry) -> str:
    value = look(basics.variables).get(entry.name)
    if entry.fault:
        return entry.fault
    if value is None:
        return "not set here; a start file unset it, or nothing of its value could be translated"
    if not value:
        return "arrived empty: it is not set on Windows, or empty there"
    later = [each.place for each in origins.of(look, entry.name) if each.path]
    text = shown(entry.name, value)
    text = text if len(text) <= _LONG else f"{text[:_LONG]}…"
    return f"{text}; {later[-1]} sets it, too, and later" if later else text


def _take_out(entry: wslenv.Entry) -> Remedy:
    """PowerShell takes the entry out of the user's own WSLENV, and leaves all others as they are."""
    user = "[Environment]::GetEnvironmentVariable('WSLENV', 'User')"
    kept = f"({user} -split ':' | Where-Object {{ $_ -notmatch '^{entry.name}(/|$)' }}) -join ':'"
    return Remedy(
        f"take {entry.name} out of WSLENV, then open a new terminal; only WSL reads that variable",
        f"[Environment]::SetEnvironmentVariable('WSLENV', ({kept}), 'User')",
        "powershell",
    )


def _has_file(look: Look) -> bool:
    try:
        return bool(look(go_env.lines))
    except (OSError, UnknownError):
        return False  # go-env-file tells


def _unset(look: Look, name: str) -> Remedy:
    edits = tuple(each.commented_out() for each in origins.alone(look, name))
    return Remedy(f"let go choose {name}, here and in the file that sets it", f"unset {name}", edits=edits)


def _out_of_file(look: Look, name: str) -> Remedy:
    """Not by `go env -u`, which a bad GOPATH ends as every other call."""
    path, lines = look(go_env.path), [each for each in look(go_env.lines) if each.name == name]
    return Remedy(
        f"let go choose {name}",
        f"sed -i 's/^{name}=/# &/' {quoted(look(go_env.real_path))}",
        edits=tuple(Edit(path, each.number, each.text, f"# {each.text}") for each in lines),
    )


def _move(look: Look, fault: directories.Fault) -> Remedy:
    role, path = fault.directory.role, fault.directory.path
    if role == "project":
        old, new = _plain(path)
        return Remedy("give the directory a plain name", f"mv {quoted(old)} {quoted(new)}")
    variable = {"module cache": "GOMODCACHE", "build cache": "GOCACHE", "HOME": "GOPATH"}.get(role, role)
    if look(basics.variables).get(variable):
        return _unset(look, variable)
    if _has_file(look) and variable in look(go_env.in_force):
        return _out_of_file(look, variable)
    place = '"$(mktemp -d /var/tmp/go-XXXXXX)"'  # nobody else can have made it before
    return Remedy(f"choose another place for {variable}", f"export {variable}={place}")


def _plain(path: str) -> tuple[str, str]:
    """The first directory of a path that has a character of no script in its name, and a name without."""
    parts = path.split("/")
    index = next((at for at, part in enumerate(parts) if not part.isprintable()), len(parts) - 1)
    plain = "".join(letter if letter.isprintable() else "-" for letter in parts[index])
    return "/".join(parts[: index + 1]), "/".join([*parts[:index], plain])


def _is_in_force(look: Look, name: str, value: str) -> bool:
    """Whether the variable still has what the registry gave; WSL appends to PATH."""
    now = look(basics.variables).get(name, "")
    return now.startswith(value) if name == "PATH" else now == value


def _is_harmful(look: Look, name: str, value: str) -> bool:
    mounts = look(basics.mounts)
    if name == "PATH":
        entries = value.split(":")
        return mounts.on_windows(entries[0]) or not {"/usr/bin", "/bin"} & set(entries)
    if name == "CGO_ENABLED":
        return value not in ("", "0", "1")
    is_foreign = is_windows_path(value) or (name == "GOROOT" and mounts.on_windows(value))
    return is_foreign and name.startswith(("GO", "TMP"))

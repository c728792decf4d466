"""What go.mod and go.work say: go.dev/ref/mod#go-mod-file, golang.org/x/mod/modfile."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from goshim.base.encoding import to_text
from goshim.base.terminal import printable
from goshim.call.arguments import split_goflags
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import go_versions
from goshim.doctor.machine import basics, go_values
from goshim.facts import mod_file
from goshim.facts.host import UnreadableError

_REPLACED_BY = "=>"
_INDIRECT = re.compile(r"//\s*indirect(?:\s*$|;)")  # modfile/rule.go, isIndirect
_VENDORED_SINCE, _WORKSPACE_VENDORED_SINCE = 14, 22  # the minor version of the go line from which on `vendor` counts


@dataclass(frozen=True)
class Replacement:
    """One `replace`; a version is empty where there is none: all versions, or a directory."""

    path: str
    version: str
    by: str
    by_version: str


@dataclass(frozen=True)
class GoMod:
    """A go.mod, or a go.work: that has no module and no requirements. `go` and `toolchain` are empty if not said.

    `requires` are pairs of path and version in the file's order; `indirect` those paths that only a dependency needs.
    """

    path: str
    module: str = ""
    go: str = ""
    toolchain: str = ""
    requires: tuple[tuple[str, str], ...] = ()
    indirect: frozenset[str] = frozenset()
    replaces: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Why go can't have a go.mod or go.work: in words, go's own where it has any, and the file.

    `is_fatal` is false where go takes no notice of what is there, `by_setting` true where GOWORK names it.
    """

    words: str
    path: str
    is_fatal: bool = True
    by_setting: bool = False


def read(look: Look) -> GoMod | None:
    """The nearest go.mod upward; None outside a module. Raises UnreadableError."""
    path = _module_path(look)
    return _load(look, path) if path else None


def workspace(look: Look) -> GoMod | None:
    """The go.work that go uses here: the one GOWORK names, or the nearest upward; None for none, or GOWORK=off.

    Raises UnreadableError.
    """
    path = _workspace_path(look)
    return _load(look, path) if path.startswith("/") and look.host.exists(path) else None


def governing(look: Look) -> GoMod | None:
    """The file whose go and toolchain lines choose the toolchain: the go.work in use, else the go.mod.

    cmd/go/internal/toolchain/select.go, modGoToolchain. Raises UnreadableError.
    """
    return look(workspace) or look(read)


def vendored(look: Look) -> bool:
    """Whether go builds with what `vendor` holds beside the file that governs here, and asks nobody for a module.

    The last -mod of GOFLAGS decides, else what there is: cmd/go/internal/modload/init.go, setDefaultBuildMod. Raises
    UnreadableError.
    """
    file, flags = look(governing), go_values.find(look, "GOFLAGS")
    if file is None:
        return False
    modes = re.findall(r"^--?mod=(.*)$", "\n".join(split_goflags(flags.text if flags else "")), re.MULTILINE)
    if modes and modes[-1]:
        return bool(modes[-1] == "vendor")
    since = _WORKSPACE_VENDORED_SINCE if look(workspace) else _VENDORED_SINCE
    modules = f"{file.path.rpartition('/')[0]}/vendor/modules.txt"
    return (go_versions.minor(file.go) or 0) >= since and look.host.exists(modules)


def fault(look: Look) -> Fault | None:
    """Why go can't read the file that governs here; None where it can, or there is none.

    cmd/go/internal/modload/init.go, FindGoWork and findModuleRoot: a directory and a link to nothing are passed over.
    Raises UnreadableError for a file that is too large to be looked at.
    """
    path = _workspace_path(look)
    by_setting = _names_file(basics.go_setting(look, "GOWORK"))
    if by_setting and not path.startswith("/"):
        return Fault("go: invalid GOWORK: not an absolute path", path, by_setting=True)
    if by_setting and not look.host.exists(path):
        words = f"go: reading go.work: open {printable(path)}: no such file or directory"
        return Fault(words, path, by_setting=True)
    path = path or _module_path(look)
    if not path:
        return None
    name = "go.work" if path == _workspace_path(look) else "go.mod"
    try:
        data = look.host.read(path)
    except UnreadableError as error:
        return _unreadable(look, path, name, error, by_setting=by_setting)
    words = malformed(to_text(data or b""), name)
    return Fault(words, path, by_setting=by_setting) if words else None


def malformed(text: str, name: str) -> str:
    """What go says of a file that is no go.mod or go.work; empty where nothing is seen that each go would refuse.

    Which directives there are is not judged: each go knows others.
    """
    try:
        verbs = {each.verb for each in mod_file.directives(text)}
    except mod_file.TooLargeError:
        return ""
    except mod_file.MalformedError as error:
        return f"go: errors parsing {name}: {error}"
    if name == "go.mod" and "module" not in verbs:
        return "go: error reading go.mod: missing module declaration"
    return ""


def parse(text: str, path: str = "go.mod") -> GoMod:
    """What the text says, up to the first line that go can't read. Directives that are none are passed over."""
    single: dict[str, str] = {}
    requires: list[tuple[str, str]] = []
    indirect: set[str] = set()
    replaces: list[Replacement] = []
    with contextlib.suppress(mod_file.MalformedError):
        for verb, arguments, _, remark in mod_file.directives(text):
            if verb in ("module", "go", "toolchain") and len(arguments) == 1:
                single.setdefault(verb, _plain(arguments[0]))
            elif verb == "require" and len(arguments) == 2:  # noqa: PLR2004 - path and version
                path_and_version = (_plain(arguments[0]), _plain(arguments[1]))
                requires.append(path_and_version)
                if _INDIRECT.match(remark):
                    indirect.add(path_and_version[0])
            elif verb == "replace" and _REPLACED_BY in arguments:
                at = arguments.index(_REPLACED_BY)
                replaces.append(Replacement(*_pair(arguments[:at]), *_pair(arguments[at + 1 :])))
    return GoMod(
        path,
        single.get("module", ""),
        single.get("go", ""),
        single.get("toolchain", ""),
        tuple(requires),
        frozenset(indirect),
        tuple(replaces),
    )


def _names_file(named: str) -> bool:
    return named not in ("", "auto", "off")


def _workspace_path(look: Look) -> str:
    named = basics.go_setting(look, "GOWORK")
    if _names_file(named):
        return named
    directory = None if named == "off" else look.host.above("go.work")
    return "" if directory is None else f"{directory.rstrip('/')}/go.work"


def _module_path(look: Look) -> str:
    directory = look(basics.module)
    return "" if directory is None else f"{directory.rstrip('/')}/go.mod"


def _unreadable(look: Look, path: str, name: str, error: UnreadableError, *, by_setting: bool) -> Fault:
    """A file that could not be read. Raises UnreadableError again where go could read it."""
    is_gone = not look.host.exists(path)
    if is_gone or look.host.is_directory(path):
        return Fault(f"{error}: go takes it for no {name}", path, is_fatal=by_setting, by_setting=by_setting)
    status = look.host.status(look.host.real(path))
    if status is not None and status.kind == "-":
        if str(error).endswith(" MiB"):
            raise error
        return Fault(f"go: reading {name}: {error}", path, by_setting=by_setting)
    return Fault(f"{error}: go waits for what is in it", path, by_setting=by_setting)


def _load(look: Look, path: str) -> GoMod | None:
    data = look.host.read(path)
    return None if data is None else parse(to_text(data), path)


def _plain(word: str) -> str:
    return mod_file.value(word) or ""


def _pair(words: Sequence[str]) -> tuple[str, str]:
    path, version, *_ = [*map(_plain, words), "", ""]
    return path, version

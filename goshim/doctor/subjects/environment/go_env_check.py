"""The check of the file of `go env -w`."""

from __future__ import annotations

from collections.abc import Sequence

from goshim.base.redaction import shown
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, go_env

_NEEDED_AT_START = frozenset({"GO111MODULE", "GOOS", "GOARCH", "GOTOOLCHAIN", "GOPATH", "GOROOT"})


@check("go-env-file", "environment")
def go_env_file(look: Look) -> Verdict:
    r"""The lines of the file of `go env -w`: line ends of Windows, a byte order mark, names that go does not know.

    go takes each line as it is, and passes over what it does not understand without a word: `CGO_ENABLED=0\r` leaves
    cgo on, `GOPRIVATE=corp.example\r` matches nothing, so that private names go to the public proxy, and
    `GOOS=linux\r`, `GO111MODULE=on\r` or `GOTOOLCHAIN=local\r` end every build. A byte order mark loses the first line.

    A variable is a line that begins with A to Z and has a `=`; no quotes or blanks are taken off
    (`cmd/go/internal/cfg/cfg.go`, `readEnvFile`; tried with Go 1.19, 1.21, 1.24 and 1.27). Blanks and carriage returns
    do no harm in GOPROXY, GOFLAGS, CC and the CGO_…FLAGS, which go splits at blanks. A file that can't be read counts
    as none. GOROOT in the file is told by [goroot-persisted](#goroot-persisted).
    """
    place = look(basics.go_env_path)
    if obstacle := look(go_env.obstacle):
        text = "the file of `go env -w` can't be read, and go takes it for empty without a word"
        return warn(text, obstacle, remedies=(Remedy("see whose it is", f"ls -ld {quoted(place)}"),))
    found = look(go_env.faults)
    if not found:
        count = len(look(go_env.in_force))
        told = [printable(place)] if look(go_env.lines) else []
        return ok("go env -w set nothing" if not count else f"go env -w set {count} variables, all well-formed", *told)
    evidence = tuple(f"{printable(place)}:{each.line.number}: {_line(each.line)}: {each.words}" for each in found)
    remedies = (_mend_file(place, look(go_env.real_path), found),)
    harmful = [each for each in found if each.is_harmful]
    summary = f"{len(found)} lines of the go env file are not what they seem"
    if not harmful:
        return info(f"{summary}, and do no harm", *evidence, remedies=remedies)
    if any(_ends_every_call(look, each) for each in harmful):
        return fail(summary, *evidence, remedies=remedies)
    return warn(summary, *evidence, remedies=remedies)


def _line(line: go_env.Line) -> str:
    name, equals, value = line.text.partition("=")
    return f"{printable(name)}{equals}{shown(name, value)}" if equals else printable(line.text)


def _mend_file(place: str, real: str, found: Sequence[go_env.Fault]) -> Remedy:
    edits = tuple(
        Edit(place, each.line.number, each.line.text, f"# {each.line.text}" if each.meant is None else each.meant)
        for each in found
    )
    steps = []
    if any(each.line.text.startswith(go_env.BOM) for each in found):
        steps.append(r"1s/^\xef\xbb\xbf//")
    if any(each.line.text.endswith("\r") for each in found):
        steps.append(r"s/\r$//")
    rest = [each for each in found if not each.line.text.startswith(go_env.BOM) and not each.line.text.endswith("\r")]
    if not rest:
        return Remedy("take the marks of Windows out of it", f"sed -i '{';'.join(steps)}' {quoted(real)}", edits=edits)
    return Remedy("correct the lines, or comment them out with #", f"${{EDITOR:-vi}} {quoted(place)}", edits=edits)


def _ends_every_call(look: Look, fault: go_env.Fault) -> bool:
    """A carriage return in a variable that go checks at its start, unless the environment has the word."""
    name = fault.line.name
    return name in _NEEDED_AT_START and fault.line.text.endswith("\r") and not look(basics.variables).get(name)

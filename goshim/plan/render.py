"""A plan as bash: the guards, which ask the machine again, and then what to change and which go to become.

Every value is written so that any bytes survive, in any locale. No secret is written in any form: a guard has a pattern
in its place, a change takes the value from a variable that has it, and where neither will do there is no stored plan.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from goshim.base import resources
from goshim.base.encoding import to_text
from goshim.base.redaction import is_clean, redact_value
from goshim.base.shells import quoted
from goshim.call.arguments import BUILDING, RUNNING
from goshim.facts.host import Answer, Question
from goshim.plan.redaction import without_secrets
from goshim.plan.work_out import Plan
from goshim.toolchain import SHIM_VARIABLE

MAX_FILE_BYTES = 1 << 16  # bash reads 100 KB in 0.8 ms; a longer file would cost more than it saves
MAX_SUM_BYTES = 1 << 20  # for go.sum, read before calls that take far longer

# All that rules ask of these is whether they are set, tidy, and the same as another of them: what else is in them does
# not matter (goshim/rules/proxy.py).
_ONLY_TIDY = frozenset({"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "GOPROXY", "WSL_PAC_URL"})
_UNTIDY = "[[:space:]\\\"\\']"
_FUNCTIONS = {  # by the kind of question whose guards call them
    "glob": """\
count() { # how many paths $@ are; a pattern that matched nothing is none
  [[ -e $1 || -L $1 ]] && count=$# || count=0
}
""",
    "above": """\
above() { # the nearest directory from $dir upward that holds $1
  above=${dir%/}
  until [[ -e $above/$1 || -L $above/$1 || ! $above ]]; do above=${above%/*}; done
  [[ -e $above/$1 || -L $above/$1 ]] && above=${above:-/} || above=
}
""",
    "mount": """\
mount_of() { # the number of the mount on which $1 lies, or what there is of it
  above=${1%/} mount=
  until [[ -d $above/ ]]; do above=${above%/*}; done
  { while read -r text mount; do [[ $text != mnt_id: ]] || break; done; } 9<"$above/" </proc/self/fdinfo/9
} 2>/dev/null
""",
}
_IS_FETCHED = """
    fetched=1
    above go.mod
    [[ $above ]] || above go.work
    [[ ! $above ]] || { fetched= && act_on "$store/fetched${above%/}/@" "$@"; }
    [[ ! $fetched ]] || how="""
_NONE: Mapping[Question, Answer] = MappingProxyType({})
_SET_BY_BASH = frozenset({"PATH", "HOME", "TERM", "SHELL"})  # given a value where the environment has none


class UnrenderableError(Exception):
    """An answer that no guard can ask again, or a secret: there can be a plan for this call, not for the next."""


def actions(plan: Plan, known: Mapping[str, str] | None = None) -> str:
    """The statements that change the environment and become go.

    With `known` variables, for a plan that is stored, a value with a secret is taken from one of those. Raises
    UnrenderableError if none has it.
    """
    final = {change.variable: change.after for change in plan.changes}
    secret = {change.variable for change in plan.changes if without_secrets(change).after != change.after}
    lines = []
    for name, value in final.items():
        if value is None:
            lines.append(f"unset -v {name}")
        elif known is not None and name in secret:
            kept = {other: held for other, held in known.items() if other not in final}
            lines.append(f'declare -gx {name}="${_holder(value, kept)}"')
        else:
            lines.append(f"declare -gx {name}={quoted(value)}")
    if plan.toolchain.shims:
        lines.append(f"declare -gx {SHIM_VARIABLE}=$$:{quoted(':'.join(plan.toolchain.shims))}")
    lines += [*_watched(plan, stored=known is not None), f'exec {quoted(plan.toolchain.go)} "$@"']
    return "\n".join(lines) + "\n"


def _watched(plan: Plan, *, stored: bool) -> Iterable[str]:
    """The statements that become the supervisor, for a call that is to be watched."""
    watch = plan.watch
    yield f"case $verb in\n  {_alternatives(watch.repeated)}) how=repeat ;;"
    if watch.prefetched:
        yield f"  {_alternatives(watch.prefetched)})\n    how=prefetch{_IS_FETCHED if stored else ''} ;;"
    yield "  *) how= ;;\nesac"
    python, boot = quoted(sys.executable), quoted(resources.BOOT)
    given = {**asdict(watch.retry), "lock_prone": watch.lock_prone}
    settings = quoted(" ".join(f"{name}={value}" for name, value in given.items()))
    yield f"if [[ $how && -x {python} && -r {boot} ]]; then"
    yield "  while read -r text ignored; do [[ $text != SigIgn: ]] || break; done </proc/self/status"
    go = quoted(plan.toolchain.go)
    yield f'  exec {python} -I -S -X utf8 {boot} watch "$how" "$0" {settings} "$ignored" {go} "$@"\nfi'


def guarded(
    plan: Plan,
    answers: Mapping[Question, Answer],
    version_guard: str,
    apart: Mapping[Question, Answer] | None = _NONE,
) -> str:
    """The text of a stored plan, for the launcher's loop over plans, but for the line that seals it.

    `answers` are what all calls depend on, `apart` what only those do that may be watched; None for what can't be asked
    again. The environment is asked first, in a command of its own: where it is another, bash does not even parse the
    rest. Raises UnrenderableError.
    """
    if not plan.loaded.is_clean:
        raise UnrenderableError("a config holds a secret")
    guards = [version_guard, *_machine_guards(answers)]
    if apart is None or apart:
        guards.append(_guard_apart(apart))
    body = actions(plan, _variables(answers))
    asked = {kind for kind, _ in [*answers, *(apart or {})]} | ({"above"} if plan.watch.prefetched else set())
    functions = "".join(text for kind, text in _FUNCTIONS.items() if kind in asked)
    return f"{_head(answers)}{functions}if " + " &&\n  ".join(guards) + f"\nthen\n{body}fi\n"


def remembered(answers: Mapping[Question, Answer], version_guard: str) -> str:
    """A text that sets `fetched` while all is as it was answered, but for its seal. Raises UnrenderableError."""
    guards = " &&\n  ".join([version_guard, *_machine_guards(answers, MAX_SUM_BYTES)])
    return f"{_head(answers)}if {guards}\nthen fetched=1\nfi\n"


def _head(answers: Mapping[Question, Answer]) -> str:
    mine = " &&\n  ".join(_environment_guards(answers))
    return f"{{ {mine or ':'}; }} || continue\n"


def _guard_apart(answers: Mapping[Question, Answer] | None) -> str:
    """The guard that asks only where the verb is one that may be watched."""
    others = f"[[ $verb != @({_alternatives((*BUILDING, *RUNNING))}) ]]"
    if answers is None:
        return others
    try:
        guards = [*_environment_guards(answers), *_machine_guards(answers)]
    except UnrenderableError:
        return others  # the other calls can have a plan all the same
    return f"{{ {others} || {{ {' && '.join(guards)}; }}; }}"


def _alternatives(verbs: Sequence[str]) -> str:
    return "|".join(quoted(verb) for verb in verbs)


def _variables(answers: Mapping[Question, Answer]) -> dict[str, str]:
    return {name: value for (kind, name), value in answers.items() if kind == "variable" and isinstance(value, str)}


def _machine_guards(answers: Mapping[Question, Answer], limit_bytes: int = MAX_FILE_BYTES) -> Iterable[str]:
    _require_clean(answers)
    tests = [test for question, answer in answers.items() if (test := _file_test(question, answer))]
    if tests:
        yield f"[[ {' && '.join(tests)} ]]"
    yield from (guard for question, answer in answers.items() if (guard := _command(question, answer, limit_bytes)))


def _environment_guards(answers: Mapping[Question, Answer]) -> Iterable[str]:
    variables = _variables(answers)
    if odd := [name for (kind, name) in answers if kind == "variable" and not _is_name(name)]:
        raise UnrenderableError(f"{odd[0]!r} is no name to a shell")
    unset = [name for (kind, name), answer in answers.items() if kind == "variable" and answer is None]
    ours = [name for name in unset if name in _SET_BY_BASH]
    yield from (f"[[ ${{{name}@a}} != *x* ]]" for name in ours)
    if plain := "".join(f"${{{name}+x}}" for name in unset if name not in ours):
        yield f'[ -z "{plain}" ]'
    hidden: list[str] = []
    for name, value in variables.items():
        is_set = f"${{{name}@a}}" if name in _SET_BY_BASH else f"${{{name}+x}}"
        if (masked := redact_value(name, value)) == value:
            yield f'[ "{is_set}${{{name}-}}" = x{quoted(value)} ]'
        else:
            hidden.append(name)
            yield _masked_guard(name, value, masked)
    for index, name in enumerate(hidden):
        for other in hidden[:index]:
            equal = "=" if variables[name] == variables[other] else "!="
            yield f'[ "${name}" {equal} "${other}" ]'
    for (kind, prefix), names in answers.items():
        if kind == "names":
            yield f'[ "${{!{prefix}*}}" = {quoted(" ".join(_listed(names)))} ]'


def _masked_guard(name: str, value: str, masked: str) -> str:
    """A pattern in which any secret fits, for a variable whose secrets decide nothing. Raises UnrenderableError."""
    if name not in _ONLY_TIDY or re.search(r"[\s\"']", value):
        raise UnrenderableError(f"{name} holds a secret that may decide something")
    pattern = "?*".join(quoted(part) if part else "" for part in masked.split("***"))
    return f"[[ ${{{name}-}} == {pattern} && ${{{name}}} != *{_UNTIDY}* ]]"


def _file_test(question: Question, answer: Answer) -> str:
    kind, subject = question
    path = quoted(subject)
    match kind, answer:
        case "exists", _:
            return _either(answer, f"-e {path}")
        case "is_directory", _:
            return _either(answer, f"-d {path}")
        case "runnable", True:
            return f"-f {path} && -x {path}"
        case "runnable", False:
            return f"( ! -f {path} || ! -x {path} )"
        case "owner" | "privacy", _:
            return _owner_test(kind, subject, answer)
        case "real", str():
            return f"{path} -ef {quoted(answer)}{_without_links(answer)}"
        case "read", None:
            return f"! -e {path} && ! -L {path}"
        case _:
            return ""


def _without_links(real: str) -> str:
    """That a path is still its own real path: a directory may have been moved, and a link put in its place."""
    names = real.strip("/").split("/")
    return "".join(f" && ! -L {quoted('/' + '/'.join(names[:count]))}" for count in range(1, len(names) + 1))


def _owner_test(kind: str, subject: str, answer: Answer) -> str:
    path = quoted(subject)
    match kind, answer:
        case "owner", "ours":
            return f"-O {path}"
        case "owner", "root" | "":
            return f"! -O {path}"
        case "privacy", "absent":
            return f"! -e {path} && ! -L {path}"
        case "privacy", "private":
            return f"-d {path} && -O {path} && ! -L {path}"
        case _:
            raise UnrenderableError(f"{subject} belongs to somebody else, or may become private")


def _command(question: Question, answer: Any, limit_bytes: int) -> str:
    kind, subject = question
    match kind, answer:
        case "read", bytes():
            return _content_guard(subject, answer, limit_bytes)
        case "mount", _:
            return f'{{ mount_of {quoted(subject)}; [ "$mount" = {quoted(answer or "?")} ]; }}'
        case "hour", _:
            return f"{{ printf -v text '%(%F %H)T' -1; [ \"$text\" = {quoted(answer)} ]; }}"
        case "format", _:
            return _format_guard(quoted(subject), answer)
        case "glob", _:
            pattern = "*".join(quoted(part) if part else "" for part in subject.split("*"))
            known = "".join(f" && ( -e {quoted(path)} || -L {quoted(path)} )" for path in answer)
            return f"count {pattern} && [[ $count == {len(answer)}{known} ]]"
        case "above", _:
            return f'above {quoted(subject)} && [ "$above" = {quoted(answer or "")} ]'
        case _:
            return ""


def _require_clean(answers: Mapping[Question, Any]) -> None:
    """See that no path has a secret in it. Raises UnrenderableError."""
    texts = [subject for kind, subject in answers if kind != "variable"]
    for (kind, _), answer in answers.items():
        if kind != "variable":
            texts += [answer] if isinstance(answer, str) else answer if isinstance(answer, tuple) else ()
    if not is_clean("", "\n".join(texts)):
        raise UnrenderableError("a path holds a secret")


def _format_guard(path: str, answer: str) -> str:
    match answer:
        case "launcher":
            return f"is_launcher {path}"
        case "elf":
            return f"{{ IFS= read -rn 2 text <{path}; [ \"$text\" = $'\\177E' ]; }}"
        case "unreadable":
            return f"[[ ! -r {path} ]]"
        case "script":
            return ""  # its text was read as well, and is compared whole
        case _:
            raise UnrenderableError("a program of no known format")


def _content_guard(path: str, content: bytes, limit_bytes: int) -> str:
    text = to_text(content)
    if len(content) > limit_bytes or b"\0" in content:
        raise UnrenderableError(f"{path} is too long, or no text")
    if not is_clean("file", text):  # under some name: an address may have no scheme
        raise UnrenderableError(f"{path} holds a secret")
    return f"same {quoted(path)} {quoted(text)}"


def _either(answer: Answer, test: str) -> str:
    return test if answer else f"! {test}"


def _holder(value: str, known: Mapping[str, str]) -> str:
    for name, held in known.items():
        if held == value:
            return name
    raise UnrenderableError("a value with a password that no variable holds")


def _listed(names: Any) -> list[str]:
    """The names as bash lists them: those that are no names to a shell it does not know."""
    return [name for name in names if _is_name(name)]


def _is_name(name: str) -> bool:
    return name.isidentifier() and name.isascii()

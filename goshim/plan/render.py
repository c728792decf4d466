"""A plan as bash: the guards, which ask the machine again, and then what to change and which go to become.

Every value is written so that any bytes survive, in any locale. A password in a value is not written at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from goshim.facts.host import Answer, Question, to_bytes, to_text
from goshim.plan.work_out import Plan
from goshim.secrets import USERINFO, holds_secret, is_secret
from goshim.toolchain import SHIM_VARIABLE

MAX_FILE_BYTES = 1 << 16  # bash reads 100 KB in 0.8 ms; a longer file would cost more than it saves

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=+@%-]+\Z")
_LITERAL = frozenset(range(32, 127)) - frozenset(b"'\\")  # what stands for itself in both kinds of quotes
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
}
_SET_BY_BASH = frozenset({"PATH", "HOME", "TERM", "SHELL"})  # given a value where the environment has none


class UnrenderableError(Exception):
    """An answer that no guard can ask again, or a secret: there can be a plan for this call, not for the next."""


def quoted(text: str) -> str:
    r"""A word that bash reads as exactly these bytes, itself in ASCII: plain, `'…'` or `$'\ooo…'`."""
    data = to_bytes(text)
    if _PLAIN.match(text) and text.isascii():
        return text
    if all(byte in _LITERAL or byte == ord("\\") for byte in data):
        return f"'{text}'"
    return "$'" + "".join(chr(byte) if byte in _LITERAL else f"\\{byte:03o}" for byte in data) + "'"


def actions(plan: Plan, known: Mapping[str, str] | None = None) -> str:
    """The statements that change the environment and become go.

    With `known` variables a value with a password is taken from one of those. Raises UnrenderableError if none has it.
    """
    final = {change.variable: change.after for change in plan.changes}
    lines = []
    for name, value in final.items():
        if value is None:
            lines.append(f"unset -v {name}")
        elif known is not None and (USERINFO.search(value) or is_secret(name)):
            kept = {other: held for other, held in known.items() if other not in final}
            lines.append(f'declare -gx {name}="${_holder(value, kept)}"')
        else:
            lines.append(f"declare -gx {name}={quoted(value)}")
    if plan.toolchain.shims:
        lines.append(f"declare -gx {SHIM_VARIABLE}=$$:{quoted(':'.join(plan.toolchain.shims))}")
    lines.append(f'exec {quoted(plan.toolchain.go)} "$@"')
    return "\n".join(lines) + "\n"


def guarded(plan: Plan, answers: Mapping[Question, Answer], version_guard: str) -> str:
    """The text of a stored plan, for the launcher's loop over plans; its last line tells it whole.

    The environment is asked first, in a command of its own: where it is another, bash does not even parse the rest.
    Raises UnrenderableError.
    """
    variables = {
        name: value for (kind, name), value in answers.items() if kind == "variable" and isinstance(value, str)
    }
    guards = [version_guard]
    tests = [test for question, answer in answers.items() if (test := _file_test(question, answer))]
    if tests:
        guards.append(f"[[ {' && '.join(tests)} ]]")
    guards += [guard for question, answer in answers.items() if (guard := _command(question, answer))]
    body = actions(plan, variables)
    asked = {kind for kind, _ in answers}
    functions = "".join(text for kind, text in _FUNCTIONS.items() if kind in asked)
    mine = " &&\n  ".join(_environment_guards(answers, variables))
    return f"{{ {mine or ':'}; }} || continue\n{functions}if " + " &&\n  ".join(guards) + f"\nthen\n{body}fi\n# whole\n"


def _environment_guards(answers: Mapping[Question, Answer], variables: Mapping[str, str]) -> Iterable[str]:
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
        if is_secret(name):
            raise UnrenderableError(f"{name} is secret by its name")
        if USERINFO.search(value):
            hidden.append(name)
            yield _masked_guard(name, value)
        else:
            yield f'[ "{is_set}${{{name}-}}" = x{quoted(value)} ]'
    for index, name in enumerate(hidden):
        for other in hidden[:index]:
            equal = "=" if variables[name] == variables[other] else "!="
            yield f'[ "${name}" {equal} "${other}" ]'
    for (kind, prefix), names in answers.items():
        if kind == "names":
            yield f'[ "${{!{prefix}*}}" = {quoted(" ".join(_listed(names)))} ]'


def _masked_guard(name: str, value: str) -> str:
    """A pattern in which any user and password fit; what rules ask of them is only that they are tidy."""
    if re.search(r"[\s\"']", value):
        raise UnrenderableError(f"{name} holds a password and is to be mended")
    pattern = "*".join(quoted(part) for part in USERINFO.split(value))
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
        case "real", str():
            return f"{path} -ef {quoted(answer)}"
        case "read", None:
            return f"! -e {path} && ! -L {path}"
        case _:
            return ""


def _command(question: Question, answer: Any) -> str:
    kind, subject = question
    match kind, answer:
        case "read", bytes():
            return _content_guard(subject, answer)
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


def _content_guard(path: str, data: bytes) -> str:
    text = to_text(data)
    if len(data) > MAX_FILE_BYTES or b"\0" in data:
        raise UnrenderableError(f"{path} is too long, or no text")
    if holds_secret(text):
        raise UnrenderableError(f"{path} holds a password")
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

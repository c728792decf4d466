"""Remedies for a variable of go's, by where its value comes from."""

from __future__ import annotations

import json

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.finding import Edit, Remedy
from goshim.doctor.formats import module_patterns
from goshim.doctor.machine.go_values import Value
from goshim.doctor.machine.origins import Origin

_OPENING = frozenset({"GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"})
"""Lists whose every pattern takes modules out of what is verified; `--fix` never makes one match more."""


def changed(value: Value, text: str, words: str) -> Remedy:
    """A remedy that gives go another text, where the value comes from."""
    may_edit = value.line and (value.name not in _OPENING or _is_part(text, value.text))
    if value.source == "file":
        line = f"{value.name}={text}"
        edits = (Edit(value.path, value.line, value.written, line),) if may_edit else ()
        return Remedy(words, f"go env -w {quoted(line)}", edits=edits)
    if value.source == "config":
        return Remedy(f"{words}, in [env] of goshim's config", f"{value.name} = {json.dumps(text)}", "file")
    return Remedy(words, f"export {value.name}={quoted(text)}")


def undone(value: Value, words: str) -> Remedy:
    """A remedy that takes a value away, where it comes from; a line that sets nothing else can be made a comment.

    Not that of a list of patterns: behind it a wider one may come to light, of GOPRIVATE or of another place.
    """
    if value.source == "GOROOT":
        return Remedy(f"{words}: it stands in the toolchain's own {printable(value.place)}")
    may_edit = value.line and value.name not in _OPENING
    edits = (Origin(value.path, value.line, value.written).commented_out(),) if may_edit else ()
    if value.source == "file":
        return Remedy(words, f"go env -u {value.name}", edits=edits)
    if value.source == "config":
        return Remedy(f"{words}: take it out of [env]", "goshim config show --origin")
    return Remedy(words, f"unset {value.name}", edits=edits)


def _is_part(patterns: str, of: str) -> bool:
    return set(module_patterns.split(patterns)) <= set(module_patterns.split(of))

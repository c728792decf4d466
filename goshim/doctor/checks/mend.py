"""Remedies for a variable of go's, by where its value comes from."""

from __future__ import annotations

import json
import re

from goshim.doctor.facts.go_values import Value
from goshim.doctor.finding import Edit, Remedy
from goshim.plan.render import quoted


def changed(value: Value, text: str, words: str) -> Remedy:
    """A remedy that gives go another text, where the value comes from."""
    if value.source == "file":
        line = f"{value.name}={text}"
        edits = (Edit(value.path, value.line, value.written, line),) if value.line else ()
        return Remedy(words, f"go env -w {quoted(line)}", edits=edits)
    if value.source == "config":
        return Remedy(f"{words}, in [env] of goshim's config", f"{value.name} = {json.dumps(text)}", "file")
    return Remedy(words, f"export {value.name}={quoted(text)}")


def undone(value: Value, words: str) -> Remedy:
    """A remedy that takes a value away, where it comes from; a line that sets nothing else can be made a comment."""
    is_alone = re.fullmatch(
        rf"\s*(?:export\s+)?{re.escape(value.name)}=(?:\"[^\"]*\"|'[^']*'|[^\s;&|]*)\s*", value.written
    )
    edits = (Edit(value.path, value.line, value.written, f"# {value.written}"),) if value.line and is_alone else ()
    if value.source == "file":
        return Remedy(words, f"go env -u {value.name}", edits=edits)
    if value.source == "config":
        return Remedy(f"{words}: take it out of [env]", "goshim config show --origin")
    return Remedy(words, f"unset {value.name}", edits=edits)

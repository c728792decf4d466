"""The text of a config file of goshim's, fit for a record: a key's table decides whether its value is secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from goshim.base.redaction import redact, redact_parsed, secrets_in
from goshim.base.resources import parse_toml

REMOVED = "# removed as a whole, because a secret in it could not be removed alone\n"
_UNPARSED = re.compile(r"(?m)\b((?:https?|no_proxy)[\"']?\s*=\s*)[^\n]*")


def cleared(text: str) -> str:
    """The text without what is secret in it, by the whole names of its keys.

    A secret is taken out where it stands as it is. Where it is hidden by escapes, nothing of the text is left.
    """
    clear = redact(text)
    try:
        values = parse_toml(clear)
    except (ValueError, RecursionError):
        return _UNPARSED.sub(r"\1***", clear)
    for secret in sorted(_secrets("", values), key=len, reverse=True):
        clear = clear.replace(secret, "***")
    return clear if _is_clean(clear) else REMOVED


def _is_clean(text: str) -> bool:
    try:
        values = parse_toml(text)
        return bool(redact_parsed("", values) == values)
    except (ValueError, RecursionError):
        return False


def _secrets(name: str, value: Any) -> Iterator[str]:
    """What is secret in parsed values, each judged by its own key, as redact_parsed does."""
    if isinstance(value, str):
        yield from filter(None, secrets_in(name, value))
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(name, each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _secrets(f"{name}.{key}" if name else key, each)

"""What must never be printed or stored: passwords in addresses, and values that are secret by their name."""

from __future__ import annotations

import re

# `user:password` of the addresses in a value: all from // to the last @ before a comma or bar, for a password may hold
# anything. Without // only what has the shape of one.
USERINFO = re.compile(r"(?<=//)[^,|]+(?=@)|(?:^|(?<=[\s\"'=,;|]))[^/\s\"'=,;|@:]+:[^/\s=,;|]+(?=@)")

_SECRET_WORD = r"\w*(?:token|secret|passw|credential|api_?key|private_?key)\w*|(?:\w*_)?(?:pat|auth|key)"
_SECRET_NAME = re.compile(_SECRET_WORD, re.IGNORECASE)
_SECRET_VALUE = re.compile(rf"(\b(?:{_SECRET_WORD})[\"']?=)[^\s,;]+", re.IGNORECASE)
_SECRET_LINE = re.compile(rf"\b(?:{_SECRET_WORD})[\"']?\s*=|//[^\n]*@", re.IGNORECASE)
# In a line of go's an @ may also stand before a version: a password has no slash there, or no port is before it.
_USER_OF_URL = re.compile(r"(?:(?<=//)|(?<=https:/)|(?<=http:/))(?:[^/\s\"']+|[^/\s:@\[\"']+:(?!\d+/)[^\s\"']*)(?=@)")
# The value of a secret parameter in an address; tokens of code hosts and clouds by their prefixes.
_TOKEN = re.compile(
    r"(?<=[?&;])([\w.-]*(?:token|secret|passw\w*|credential|key|auth|pat|sig|signature)=)[^&\s\"']+"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|A[KS]IA|eyJ|npm_|hf_|dckr_pat_|ya29\.)[\w.-]{8,}"
    r"|(?<=\bbasic )\S{6,}|(?<=\bbearer )\S{6,}|(?<=--password=)\S+|(?<=--token=)\S+",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether a variable's value is secret by the variable's name."""
    return _SECRET_NAME.fullmatch(name) is not None


def shown(name: str, value: str | None) -> str:
    """A variable's value as a person may see it."""
    masked = mask(name, value)
    return "unset" if masked is None else printable(masked)


def printable(text: str) -> str:
    """Text as it is, or quoted like a Python string where it could do more to a terminal than be read."""
    return text if text.isprintable() and text.strip() == text != "" else ascii(text)


def mask(name: str, value: str | None) -> str | None:
    """The value without what is secret in it: `http://me:***@host` tells that there is a password, and not which."""
    if value is None:
        return None
    return "***" if is_secret(name) else USERINFO.sub(_mask_userinfo, value)


def scrub(text: str) -> str:
    """A line of go's without the users and passwords of the addresses in it and without what has a token's shape."""
    return _TOKEN.sub(lambda found: f"{found[1] or ''}***", _USER_OF_URL.sub("***", text))


def redact(text: str) -> str:
    """Any text without what is secret in it: as `scrub`, and without the values of variables secret by their names."""
    return _SECRET_VALUE.sub(lambda found: f"{found[1]}***", scrub(text))


def holds_secret(text: str) -> bool:
    """Whether a text, such as that of a config file, is better kept nowhere else."""
    return USERINFO.search(text) is not None or _SECRET_LINE.search(text) is not None


def _mask_userinfo(found: re.Match[str]) -> str:
    user, colon, _ = found[0].partition(":")
    return f"{user}:***" if colon else "***"

"""What must never be printed or stored: passwords in addresses, and values that are secret by name or by shape.

One predicate decides both: a value holds a secret exactly if `redact_value` changes it. `redact`, `redact_value` and
`redact_parsed` give what may be shown, `is_clean` says whether that is all of it.
"""

from __future__ import annotations

from typing import Any

from goshim.base.redaction.names import is_secret_name, kind_of
from goshim.base.redaction.token_prefixes import PREFIXES
from goshim.base.terminal import printable

__all__ = [
    "is_clean", "is_secret_name", "redact", "redact_parsed", "redact_value", "secrets_in", "shown",
]  # fmt: skip

# Without one of these in it a text holds no secret. They are asked first: most values of most calls have none.
_SIGNS = (
    "//", "http", "@", "=", "\\", "%", '"', "'", "`", ": ", ":\t", "<<", "set ", "set\t", "setx", "setenv", "setuvar",
    "-----begin", "reg_", "token", "secret", "passw", "passphrase", "credential", "basic", "bearer", "negotiate",
    "cookie", "login", " -u", "\t-u", "--user", "--proxy-user", "mysql", "mariadb",
)  # fmt: skip
_OF_OPTIONS = ("key", "auth", "pat", "pass", "pw", "jwt", "sas", "otp", "cred")  # before a blank: `-key VALUE`


def redact(text: str) -> str:
    """Any text without what is secret in it, lines kept. What `redact` gave, it leaves as it is."""
    return redact_value("", text)


def redact_value(name: str, value: str) -> str:
    """A value that stands under a name, without what is secret in it: `http://me:***@host`."""
    return value if _is_plain(name, value) else _redacted(name, value)[0]


def redact_parsed(name: str, value: Any) -> Any:
    """The same for what a file of TOML or JSON says: each text in a list or table is judged by its own key.

    Raises RecursionError where it is nested too deep.
    """
    if isinstance(value, str):
        return redact_value(name, value)
    if isinstance(value, list):
        return [redact_parsed(name, each) for each in value]
    if isinstance(value, dict):
        above = f"{name}." if name else ""
        return {redact(key): redact_parsed(f"{above}{key}", each) for key, each in value.items()}
    return value


def is_clean(name: str, value: str) -> bool:
    """Whether a value may be stored and shown as it is."""
    return redact_value(name, value) == value


def secrets_in(name: str, value: str) -> tuple[str, ...]:
    """What redaction takes out of a value."""
    return () if _is_plain(name, value) else tuple(_redacted(name, value)[1])


def shown(name: str, value: str | None) -> str:
    """A variable's value as a person may see it."""
    return "unset" if value is None else printable(redact_value(name, value))


def _is_plain(name: str, value: str) -> bool:
    if not value or (name and kind_of(name)):
        return not value
    lower = value.lower()
    if any(sign in lower for sign in _SIGNS) or any(prefix in value for prefix in PREFIXES):
        return False
    has_option = "-" in lower and (" " in lower or "\t" in lower)
    return not has_option or not any(word in lower for word in _OF_OPTIONS)


def _redacted(name: str, value: str) -> tuple[str, list[str]]:
    from goshim.base.redaction import spans  # compiles what it needs: few calls do

    return spans.redacted(name, value)

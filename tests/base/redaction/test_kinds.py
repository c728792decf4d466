"""What is caught and what is not: one table for all that store or show."""

from __future__ import annotations

from goshim.base import resources
from goshim.base.redaction import is_clean, redact, redact_value, secrets_in
from tests.base.redaction.kinds import ADDRESSES, CLEAN, COMMANDS, NAMED, PARAMETERS, TEXTS
from tests.tables import for_each

VALUES = {**ADDRESSES, **{f"parameter: {kind}": row for kind, row in PARAMETERS.items()}, **COMMANDS}


@for_each("name, value, shown", VALUES.values())
def test_of_a_value_all_is_shown_but_the_secret(name, value, shown):
    assert redact_value(name, value) == shown
    assert not is_clean(name, value)
    assert redact_value(name, shown) == shown


@for_each("name, value, shown", ADDRESSES.values())
def test_nothing_of_the_secret_is_left_where_the_name_is_not_known(name, value, shown):
    if name in ("HTTP_PROXY", "HTTPS_PROXY") and "://" in value and "@" in value and '"' not in value:
        assert "HUN" not in redact(f"proxyconnect {value} failed")
        assert "TER2" not in redact(f"proxyconnect {value} failed")


@for_each("name, shown", NAMED.items())
def test_a_value_is_secret_by_its_name(name, shown):
    assert redact_value(name, "HUNTER2") == shown
    assert redact_value(name, "") == ""


@for_each("text, shown", TEXTS.values())
def test_of_a_text_all_is_shown_but_the_secret(text, shown):
    assert redact(text) == shown
    assert redact(shown) == shown
    assert shown.count("\n") == text.count("\n")


@for_each("name, text", CLEAN)
def test_nothing_is_taken_for_a_secret_that_is_none(name, text):
    assert redact_value(name, text) == text
    assert is_clean(name, text)
    assert secrets_in(name, text) == ()


TOKENS = [
    (row["vendor"], prefix, row) for row in resources.load_rows("secrets.toml", "token") for prefix in row["prefixes"]
]
LETTERS = "a1b2c3d4e5f60718293a4b5c6d7e8f9000"


def made(prefix: str, row: dict[str, object]) -> str:
    """A token of this kind, as short as it may be."""
    letters = LETTERS.upper() if row["characters"] == "A-Z0-9" else LETTERS
    return prefix + (letters * 3)[: int(str(row["least"]))]


@for_each("vendor, prefix, row", TOKENS)
@for_each("around", ["{}", "X={} Y", '"{}"', "https://h/{}/go", "https://h/{},direct", "-x={}", "({})"])
def test_a_token_is_known_wherever_it_stands(vendor, prefix, row, around):
    token = made(prefix, row)
    shown = redact(around.format(token))
    assert token not in shown
    assert token.removeprefix(prefix) not in shown or len(token) - len(prefix) < 3
    assert "***" in shown
    assert redact(shown) == shown
    assert not is_clean("PATH", f"/usr/bin:/opt/{token}")


@for_each("row", resources.load_rows("secrets.toml", "token"))
def test_each_row_has_a_source(row):
    assert row["source"].startswith("https://")
    assert row.keys() <= {"vendor", "prefixes", "characters", "least", "digit", "keep_prefix", "source"}


def test_what_only_begins_like_a_token_is_none():
    for text in ("ghp_", "npm_config_x", "sk-SK", "task-ghp_/x", "xeyJabc", "AKIA", "/opt/sk-learn/bin"):
        assert redact(text) == text

"""PowerShell is read here by its grammar (tokenizer.cs, ScanStringLiteral); bash and fish are run elsewhere."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from goshim.base.shells import STATEMENTS, powershell
from tests.tables import for_each

QUOTES = "'\u2018\u2019\u201a\u201b"


def read_by_powershell(statement: str) -> tuple[str, str]:
    """The variable and the value that an assignment gives; fails where the string ends before the statement does."""
    found = re.fullmatch(rf"\$env:(\w+) = [{QUOTES}](.*)", statement, re.DOTALL)
    assert found
    value, rest = "", found[2]
    while rest[0] not in QUOTES or rest[1:2] in [*QUOTES]:
        value += rest[0]
        rest = rest[2 if rest[0] in QUOTES else 1 :]
    assert len(rest) == 1
    return found[1], value


@given(st.text(st.characters(exclude_characters="\0")) | st.text(f"{QUOTES}a$`;\n"))
def test_powershell_reads_exactly_the_value(value):
    assert read_by_powershell(powershell("GOFLAGS", value)) == ("GOFLAGS", value)


@for_each(
    "shell, statement",
    [
        ("bash", "unset GOROOT"),
        ("fish", "set -e GOROOT"),
        ("powershell", "Remove-Item -ErrorAction Ignore -LiteralPath 'Env:GOROOT'"),
    ],
)
def test_each_shell_can_unset(shell, statement):
    assert STATEMENTS[shell]("GOROOT", None) == statement

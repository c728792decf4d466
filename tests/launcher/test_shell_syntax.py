"""What shells say against texts, and whether lines may be put behind them."""

from __future__ import annotations

import shutil

import pytest

from goshim.launcher import shell_syntax
from tests.tables import for_each

POSIX = ("sh", "bash", "zsh")
ALL = (*POSIX, "fish")
COMPLETE = {
    "words that end as a prefix does": ("echo band; echo x-time\n", ALL),
    "a command": ("echo a\n", ALL),
    "only a comment": ("# a\n", ALL),
    "a comment with a backslash": ("# a \\\n", ALL),
    "a here-document": ("cat <<E\n'\nE\n", POSIX),
    "a function": ("f() {\n  case $1 in a) ;; esac\n}\n", POSIX),
    "a pattern of extglob": ("shopt -s extglob\nls !(a)\n", ("sh", "bash")),
    "an if of fish": ("if test -n x\n  echo x\nend\n", ("fish",)),
}
INCOMPLETE = {
    "a list with a backslash behind it": ("false && \\\n", ("zsh",)),
    "a list with a comment behind it": ("true || # or\n", ("zsh",)),
    "a list that ends in a semicolon": ("false &&;\n", ("zsh",)),
    "a repetition": ("repeat 0\n", ("zsh",)),
    "a function without a body": ("function foo\n", ("zsh",)),
    "a loop without a body": ("for i in;\n", ("zsh",)),
    "an arithmetic loop without a body": ("while ((0))\n", ("zsh",)),
    "a modifier": ("nocorrect \\\n", ("zsh",)),
    "a negation": ("!\n", ("sh",)),
    "a negation of fish": ("not\n", ("fish",)),
    "a prefix of fish": ("command \\\n", ("fish",)),
    "single quotes": ("echo 'a\n", ALL),
    "double quotes": ('echo "a\n', ALL),
    "backquotes": ("echo `a\n", POSIX),
    "an if": ("if a; then\n", ALL),
    "a function": ("f() {\n", POSIX),
    "a function of fish": ("function f\n", ("fish",)),
    "a list with &&": ("a &&\n", ALL),
    "a list with ||": ("a || # why\n\n# more\n", ALL),
    "a here-document": ("cat <<E\na\n", POSIX),
}


def installed(shells):
    return [shell for shell in shells if shutil.which(shell, path=shell_syntax.PATH)]


def rows_of(table):
    return [
        pytest.param(shell, text, id=f"{shell}: {name}")
        for name, (text, of) in table.items()
        for shell in installed(of)
    ]


@for_each("shell, text", rows_of(COMPLETE))
def test_lines_may_follow_a_text_that_is_complete(shell, text):
    assert shell_syntax.reads(shell, text.encode())
    assert shell_syntax.takes_more_lines(shell, text.encode())


@for_each("shell, text", rows_of(INCOMPLETE))
def test_lines_may_not_follow_a_text_that_something_is_open_in(shell, text):
    is_read = shell_syntax.reads(shell, text.encode())
    assert not shell_syntax.takes_more_lines(shell, text.encode())
    assert is_read or shell_syntax.is_open(shell, text.encode())


@for_each("shell", installed(ALL))
def test_an_error_further_up_is_not_one_of_the_end(shell):
    text = b"x=1)\necho b\n"
    assert shell_syntax.reads(shell, text) is False
    assert not shell_syntax.is_open(shell, text)


def test_a_shell_that_is_not_installed_says_nothing(monkeypatch):
    monkeypatch.setattr(shell_syntax, "PATH", "/nonexistent")
    assert shell_syntax.accepts(("bash", "-n"), b"", "/nonexistent") is None


def test_the_text_is_not_run(tmp_path):
    for shell in installed(ALL):
        shell_syntax.reads(shell, f"touch {tmp_path}/run\n".encode())
    assert list(tmp_path.iterdir()) == []

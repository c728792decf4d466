"""What is printed does nothing to a terminal, and no line of it is forged."""

from __future__ import annotations

import ast
import re
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from goshim.base import resources
from goshim.base.terminal import printable, say, visible
from tests.tables import for_each

PACKAGE = Path(resources.PACKAGE)
ESCAPES = [
    ("\x1b", r"\x1b"), ("\x07", r"\x07"), ("\r", r"\x0d"), ("\b", r"\x08"), ("\0", r"\x00"), ("\x7f", r"\x7f"),
    ("\x9b", r"\x9b"), ("\u202e", r"\u202e"), ("\u2066", r"\u2066"), ("\u200f", r"\u200f"), ("\u061c", r"\u061c"),
    ("\u200b", r"\u200b"), ("\ufeff", r"\ufeff"), ("\u2028", r"\u2028"), ("\u2029", r"\u2029"), ("\xad", r"\xad"),
    ("\ue000", r"\ue000"), ("\u0378", r"\u0378"), ("\udcff", r"\xff"), ("\udc80", r"\x80"), ("\ud800", r"\ud800"),
    ("\u3164", r"\u3164"), ("\ufe0f", r"\ufe0f"), ("\U000e0041", r"\U000e0041"),
]  # fmt: skip
SEEN = ["", "plain", "/home/張三", "é", "🦫", "a\u0301", "a b", "back\\slash", "'", "\n", "\t", "one\n  two"]


@for_each("character, escape", ESCAPES)
def test_what_is_not_seen_is_shown_by_its_number(character, escape):
    assert visible(f"a{character}b") == f"a{escape}b"


@for_each("text", SEEN)
def test_what_is_seen_stays(text):
    assert visible(text) == text


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_nothing_but_layout_and_visible_characters_is_left(text):
    for made, layout in ((visible(text), "\n\t"), (visible(text, ""), ""), (printable(text), "")):
        kinds = {unicodedata.category(each) for each in made if each not in layout}
        assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
        made.encode()
    assert visible(visible(text)) == visible(text)


@for_each("text", ["", " a", "a ", "a\nb", "it's\x1b", "\udcff", "a\\\x1b", "'\"\x1b"])
def test_a_text_that_would_be_misread_is_quoted_and_can_be_read_back(text):
    shown = printable(text)
    assert shown[0] == shown[-1]
    assert shown[0] in "'\""
    assert ast.literal_eval(shown) == text.encode("utf-8", "surrogateescape").decode("latin-1")


def test_a_message_goes_to_stderr_escaped(capfd):
    say("goshim: \x1b]0;x\x07\n")
    assert capfd.readouterr() == ("", "goshim: \\x1b]0;x\\x07\n")


def test_where_stderr_is_closed_a_message_goes_nowhere(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    say("x")


# Which modules write to stdout or stderr, or print, and why the gate is not missing there.
WRITERS = {
    "base/terminal.py": "it is the gate for stderr",
    "cli/session.py": "it is the gate for stdout",
    "cli/__init__.py": "flushes and closes stdout",
    "cli/doctor.py": "gives the terminal to goshim/doctor/run/terminal.py and to a spinner with words of its own",
    "cli/cache.py": "a progress bar with words of its own",
    "doctor/engine/record.py": "writes a record as JSON, which is ASCII",
    "doctor/run/terminal.py": "each text for its console goes through visible",
    "boot.py": "answers the launcher, in ASCII; a traceback where GOSHIM_DEBUG asks for one",
    "watch/supervisor.py": "passes on what go writes; its own words go through visible",
    "watch/process.py": "between fork and exec; it uses visible",
}
_WRITES = re.compile(
    r"(?<![\w.])print\(|console\.print\(|Console\(|sys\.(?:__)?std(?:out|err)\b|os\.write\([12],|print_exc\(|self\._write\([12],"
)


def test_what_writes_to_a_terminal_is_known():
    writers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "_data" not in path.parts and _WRITES.search(path.read_text(encoding="utf-8"))
    }
    assert writers == WRITERS.keys()


_ERRORS = {"GoshimError", "UsageError", "ConfigError", "CannotRunError", "NoGoError", "CommandNotFoundError"}
_RAW = re.compile("path|directory|source|target|file|filename|word|words|shell|go")  # names of what others name


@for_each("path", sorted(PACKAGE.rglob("*.py")))
def test_no_path_enters_a_message_as_it_is(path):
    if "_data" in path.parts:
        return
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in _ERRORS | {"write", "say"}:
            continue
        for value in (each.value for each in ast.walk(call) if isinstance(each, ast.FormattedValue)):
            name = getattr(value, "attr", getattr(value, "id", ""))
            where = f"{path}:{value.lineno}: {ast.unparse(value)}"
            assert not _RAW.fullmatch(name), f"{where} must go through printable"

"""goshim's block in a start file: every line of others stays whole and in its place, whatever happens to the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from goshim.launcher.start_block import BEGIN, END, fish_line, posix_line, put, take_apart
from tests.tables import for_each

DIRECTORY = "/home/me/.local/share/goshim/bin"
LINE = posix_line(DIRECTORY)
NOTE = "# Written by goshim install --start-file; goshim uninstall removes it."
LINES_OF_FILES = [b"", b"x", b"# \xff\xfe", b"a\0b", b"x\r", b"x \\", b"\\", b"# >>> conda >>>", b"  y  ", b"cat <<E"]


def released(rest: bytes, line: str = LINE) -> bytes:
    """The file as goshim 0.1.0 wrote it."""
    added = "" if not rest or rest.endswith(b"\n") else " (the line break before this is goshim's too)"
    block = f"{BEGIN}{added}\n{NOTE}\n{line}\n{END}\n".encode()
    return rest + (b"\n" if added else b"") + block


def contents() -> st.SearchStrategy[bytes]:
    """Files of lines that matter, with and without a line break at the end."""
    lines = st.lists(st.sampled_from(LINES_OF_FILES) | st.binary(max_size=3).map(lambda each: each.replace(b"\n", b"")))
    return st.tuples(lines, st.sampled_from([b"", b"\n"])).map(lambda each: b"\n".join(each[0]) + each[1])


@given(contents(), st.sampled_from([posix_line, fish_line]), st.sampled_from(["/d", "/it's", "/\udcff", "/a\\b\r"]))
def test_a_file_comes_back_byte_for_byte(rest, line, directory):
    after = put(rest, line(directory))
    assert after.startswith(rest)
    assert take_apart(after).rest == rest
    assert put(take_apart(after).rest, line(directory)) == after


@given(contents(), contents())
def test_what_is_appended_to_the_block_begins_a_line_of_its_own(rest, appended):
    for write in (put, released):
        left = take_apart(write(rest, LINE) + appended).rest
        assert left.startswith(rest)
        assert left.endswith(appended)
        between = left[len(rest) : len(left) - len(appended)]
        assert between.strip(b"\n") == b""
        if appended:
            assert (rest + between)[-1:] in (b"", b"\n")


CASES = {
    # what happens to `one\n` with a block: the text, what is left of it, and how many lines in the block were not ours
    "nothing": ("one\n{B}\n{N}\n{L}\n{E}\n", "one\n", 0),
    "a block in the middle": ("one\n{B}\n{N}\n{L}\n{E}\ntwo\n", "one\ntwo\n", 0),
    "a block at the start": ("{B}\n{N}\n{L}\n{E}\none\n", "one\n", 0),
    "two blocks": ("one\n{B}\n{N}\n{L}\n{E}\ntwo\n{B}\n{N}\n{L}\n{E}\n", "one\ntwo\n", 0),
    "two blocks, one directory each": ("one\n{B}\n{N}\n{L}\n{E}\n{B}\n{N}\n{F}\n{E}\n", "one\n", 0),
    "a line inserted into the block": ("one\n{B}\n{N}\ntwo\n{L}\n{E}\n", "one\ntwo\n", 1),
    "the line in the block changed": ("one\n{B}\n{N}\nPATH=/x:$PATH\n{E}\n", "one\nPATH=/x:$PATH\n", 1),
    "no END": ("one\n{B}\n{N}\n{L}\ntwo\nthree\n", "one\ntwo\nthree\n", 0),
    "no END and no line": ("one\n{B}\n{N}\ntwo\n", "one\ntwo\n", 0),
    "no END, and a line of the user's own": ("one\n{B}\n{N}\n{L}\ntwo\n{L}\n", "one\ntwo\n{L}\n", 0),
    "no END, a line inserted": ("one\n{B}\n{N}\ntwo\n{L}\nthree\n", "one\ntwo\nthree\n", 0),
    "no END, then a whole block": ("{B}\n{N}\n{L}\ntwo\n{B}\n{N}\n{L}\n{E}\nthree\n", "two\nthree\n", 0),
    "no BEGIN": ("one\n{N}\n{L}\n{E}\ntwo\n", "one\ntwo\n", 0),
    "no BEGIN, a line before": ("{L}\none\n{N}\n{L}\n{E}\n", "{L}\none\n", 0),
    "no marker": ("one\n{N}\n{L}\n", "one\n{N}\n{L}\n", 0),
    "BEGIN twice": ("one\n{B}\n{B}\n{N}\n{L}\n{E}\ntwo\n", "one\ntwo\n", 0),
    "END twice": ("one\n{B}\n{N}\n{L}\n{E}\n{E}\ntwo\n", "one\ntwo\n", 0),
    "END alone": ("one\n{E}\ntwo\n", "one\ntwo\n", 0),
    "the markers in reverse order": ("one\n{E}\ntwo\n{B}\nthree\n", "one\ntwo\nthree\n", 0),
    "END joined with what others appended": ("{B}\n{N}\n{L}\n{E}two\n", "{E}two\n", 0),
    "END without its line break": ("one\n{B}\n{N}\n{L}\n{E}", "one\n", 0),
    "line ends of Windows": ("one\r\n{B}\r\n{N}\r\n{L}\r\n{E}\r\ntwo\r\n", "one\r\ntwo\r\n", 0),
    "indented": ("if x\nthen\n  {B}\n  {N}\n  {L}\n  {E}\nfi\n", "if x\nthen\nfi\n", 0),
    "words about the markers": ("# {B} is goshim's\necho '{E}'\n", "# {B} is goshim's\necho '{E}'\n", 0),
    "a hand-written line": ("one\n{L}\n", "one\n{L}\n", 0),
}


@for_each("case", CASES)
def test_only_lines_of_goshims_go(case):
    text, rest, foreign = CASES[case]
    names = {"B": BEGIN, "N": NOTE, "L": LINE, "E": END, "F": fish_line("/other")}
    parts = take_apart(text.format(**names).encode())
    assert (parts.rest.decode(), parts.foreign) == (rest.format(**names), foreign)
    assert (parts.blocks > 0) == (text != rest)
    assert parts.is_damaged == any(
        word in case for word in ("no END", "no BEGIN", "twice", "alone", "reverse", "joined")
    )


BREAKS = {
    # a file, what happens to it with a block at its end, and what is to be left
    "untouched": (b"one", lambda data: data, b"one"),
    "something appended": (b"one", lambda data: data + b"two\n", b"one\ntwo\n"),
    "something appended, then a block again": (
        b"one",
        lambda data: put(take_apart(data + b"two").rest, LINE),
        b"one\ntwo",
    ),
    "something inserted before the block": (b"one", lambda data: data.replace(b"one\n", b"one\ntwo\n"), b"one\ntwo\n"),
    "an empty line inserted before the block": (b"one", lambda data: data.replace(b"one\n", b"one\n\n"), b"one\n\n"),
    "something prepended": (b"one", lambda data: b"two\n" + data, b"two\none"),
    "its last line changed": (b"one", lambda data: data.replace(b"one", b"two"), b"two\n"),
    "all before the block deleted": (b"one", lambda data: data[len(b"one\n") :], b""),
    "something in the block": (b"one", lambda data: data.replace(END.encode(), b"two\n" + END.encode()), b"one\ntwo\n"),
    "a line that goes on": (b"x \\\n", lambda data: data, b"x \\\n"),
    "a line that goes on, something appended": (b"x \\\n", lambda data: data + b"two\n", b"x \\\n\ntwo\n"),
    "a last line that goes on": (b"x \\", lambda data: data, b"x \\"),
    "a last line that goes on, something appended": (b"x \\", lambda data: data + b"two\n", b"x \\\n\ntwo\n"),
}


@for_each("case", BREAKS)
def test_a_line_break_of_goshims_stays_only_where_it_separates_two_lines(case):
    before, happen, left = BREAKS[case]
    assert take_apart(happen(put(before, LINE))).rest == left


@for_each("rest", [b"", b"one\n", b"one", b"\n", b"one\n\n", b"x \\"])
def test_a_block_of_0_1_0_is_replaced_in_place_of_a_second_one(rest):
    after = put(take_apart(released(rest)).rest, LINE)
    assert after.count(BEGIN.encode()) == 1
    left = take_apart(after).rest
    assert left == rest or (left, rest) == (b"x \\\n", b"x \\")  # 0.1.0 did not say of this that it added a line break


def test_a_block_remembers_other_files_and_that_goshim_created_its_own():
    also = ["/home/me/z/.zshrc", "/\udcff\n'\"/config.fish"]
    parts = take_apart(put(b"", LINE, created=True, also=also))
    assert (parts.rest, parts.created, parts.also) == (b"", True, tuple(also))
    assert not take_apart(put(b"", LINE)).created


def test_a_comment_that_names_no_path_is_a_users():
    for text in ("# goshim also wrote to nothing", "# goshim also wrote to 5", '# goshim also wrote to "x"'):
        data = f"{BEGIN}\n{text}\n{END}\n".encode()
        assert (take_apart(data).rest, take_apart(data).also) == (f"{text}\n".encode(), ())


@pytest.mark.parametrize("line", [BEGIN, END, NOTE, LINE, "'" * 40, "\\"])
def test_a_long_file_is_taken_apart_in_one_pass(line, monkeypatch):
    """The lines that are looked at for what they set are no more than twice as many for twice the file."""
    from goshim.launcher import start_block

    looked: list[bytes] = []
    real = start_block._sets_path
    monkeypatch.setattr(start_block, "_sets_path", lambda text: bool(looked.append(text)) or real(text))
    counts = []
    for size in (2000, 4000):
        looked.clear()
        take_apart(f"{line}\n".encode() * size)
        counts.append(len(looked))
    assert counts[1] <= 2 * counts[0] + 2


class StartFileLife(RuleBasedStateMachine):
    """A start file in the hands of goshim, its user and other tools; each line of others is one of a kind."""

    data = b""
    count = 0

    def __init__(self):
        super().__init__()
        self.foreign: list[bytes] = []
        self.untouched: bytes | None = b""  # the file before the first block, until somebody else changes it
        self.is_damaged = False

    def new_line(self, ending=b""):
        self.count += 1
        return b"f%d%s" % (self.count, ending)

    def lines(self):
        return self.data.split(b"\n")

    @initialize(endings=st.lists(st.sampled_from([b"", b"\r", b" \\", b"\xff\0"])), is_complete=st.booleans())
    def begin(self, endings, is_complete):
        self.foreign = [self.new_line(each) for each in endings]
        self.data = b"\n".join(self.foreign) + (b"\n" if is_complete and self.foreign else b"")
        self.untouched = self.data

    @rule(directory=st.sampled_from([DIRECTORY, "/it's"]), line=st.sampled_from([posix_line, fish_line]))
    def install(self, directory, line):
        self.data = put(take_apart(self.data).rest, line(directory))

    @precondition(lambda self: not take_apart(self.data).blocks)
    @rule()
    def install_0_1_0(self):
        if not self.data.endswith(b"\\"):  # that version made a longer line of it
            self.data = released(self.data)

    @rule()
    def uninstall(self):
        self.data = take_apart(self.data).rest

    @rule(ending=st.sampled_from([b"", b"\r", b" \\"]), is_complete=st.booleans())
    def append(self, ending, is_complete):
        line = self.new_line(ending)
        if self.data and not self.data.endswith(b"\n"):
            self.foreign[-1] += line  # who appended before has joined them
        else:
            self.foreign.append(line)
        self.data += line + (b"\n" if is_complete else b"")
        self.untouched = None

    @rule(at=st.integers(0, 30))
    def insert(self, at):
        lines = self.lines()
        at = min(at, len(lines) - 1)
        line = self.new_line()
        self.foreign.insert(sum(each.startswith(b"f") for each in lines[:at]), line)
        self.data = b"\n".join([*lines[:at], line, *lines[at:]])
        self.untouched = None

    @rule(at=st.integers(0, 10))
    def delete_a_line_of_the_block(self, at):
        lines = self.lines()
        ours = [number for number, line in enumerate(lines[:-1]) if line and not line.startswith(b"f")]
        if ours:
            del lines[ours[at % len(ours)]]
            self.data = b"\n".join(lines)
            self.is_damaged, self.untouched = True, None

    @invariant()
    def every_line_of_others_is_there_whole_and_in_order(self):
        left = take_apart(self.data).rest
        lines = [line for line in left.split(b"\n") if line.startswith(b"f")]
        assert lines == self.foreign
        others = [line for line in left.split(b"\n") if line and not line.startswith(b"f")]
        assert others == [] or self.is_damaged

    @invariant()
    def a_file_that_only_goshim_changed_comes_back(self):
        if self.untouched is not None:
            assert take_apart(self.data).rest == self.untouched


TestStartFileLife = StartFileLife.TestCase
TestStartFileLife.settings = settings(max_examples=100, stateful_step_count=15, deadline=None)

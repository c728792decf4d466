"""goshim's block in a start file, as bytes: how it is put behind a text, and how a text is got back from around it.

No byte outside the block changes, and no line is joined with another. A file that does not end in a line break gets one
before the block. When the block is taken out, that line break goes as well if it is still the end of the same line and
nothing follows; otherwise it stays, because it separates two lines by then.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goshim.base.encoding import to_bytes

BEGIN, END = "# >>> goshim >>>", "# <<< goshim <<<"
BREAK_IS_OURS = " (the line break before this is goshim's too)"
"""Behind BEGIN where goshim put a line break before it. 0.1.0 wrote these three, and finds its blocks by them."""

_NOTE = "# Written by goshim install --start-file; goshim uninstall removes it."
_CREATED = "# goshim created this file."
_LAST_LINE = "# The file ended without a line break. CRC-32 of its last line: "
_ALSO = "# goshim also wrote to "
_MARKERS = {BEGIN.encode(), f"{BEGIN}{BREAK_IS_OURS}".encode()}
_SPACE = b" \t\r\n"


@dataclass(frozen=True)
class Parts:
    """A start file taken apart.

    `rest` is the file without goshim's blocks. `blocks` is how many it has; a marker without its partner counts as one,
    and `is_damaged` says that there is one. `foreign` is how many lines between two markers were not written by goshim;
    they are kept in `rest`. `created` and `also` are what the blocks say: that goshim created the file, and the other
    files that it wrote to.
    """

    rest: bytes
    blocks: int = 0
    is_damaged: bool = False
    foreign: int = 0
    created: bool = False
    also: tuple[str, ...] = ()


def posix_line(directory: str) -> str:
    """The line for sh, bash and zsh that puts a directory first on PATH; read twice it adds nothing."""
    return _posix("'" + directory.replace("'", "'\\''") + "'")


def fish_line(directory: str) -> str:
    """The same for fish."""
    return _fish("'" + directory.replace("\\", "\\\\").replace("'", "\\'") + "'")


def put(rest: bytes, line: str, *, created: bool = False, also: Iterable[str] = ()) -> bytes:
    """The text `rest` with a block behind it that holds `line`; `created` and `also` as in Parts."""
    added = separator(rest)
    inside = [_NOTE]
    inside += [_CREATED] if created else []
    inside += [f"{_LAST_LINE}{_checksum(rest)}"] if added else []
    inside += [_ALSO + json.dumps(path) for path in also]
    lines = [BEGIN + (BREAK_IS_OURS if added else ""), *inside, line, END]
    return rest + added + to_bytes("".join(f"{each}\n" for each in lines))


def separator(text: bytes) -> bytes:
    r"""The line breaks that must stand between a text and a block for the block to begin a line, and a command.

    A backslash at the end of a line makes one line of it and the next, so an empty line is put there.
    """
    if not text:
        return b""
    continued = text.removesuffix(b"\n").endswith(b"\\")
    return b"\n" * (continued + (not text.endswith(b"\n")))


def take_apart(data: bytes) -> Parts:
    """Find goshim's blocks in a file, whichever version wrote them and whatever has happened to them since.

    Between two markers, what goshim wrote is known by its text. Where the marker at one end is missing, so is what
    goshim wrote next to the other one, and no more than one line that sets PATH: users write such lines by hand.
    """
    lines = io.BytesIO(data).readlines()
    ours: list[int] = []  # ascending
    blocks = foreign = 0
    is_damaged = False
    begin = None
    for at, line in enumerate([*lines, b""]):
        text = line.strip(_SPACE)
        is_begin, is_end = text in _MARKERS, text == END.encode()
        if begin is not None and (is_begin or is_end or at == len(lines)):
            written = list(_written(lines, range(begin + 1, at), is_whole=is_end))
            foreign += at - begin - 1 - len(written) if is_end else 0
            is_damaged |= not is_end
            ours += [begin, *written]
        elif is_end:
            before = range(at - 1, ours[-1] if ours else -1, -1)
            is_damaged = True
            ours += reversed(list(_written(lines, _leading(lines, before), is_whole=False)))
        ours += [at] if is_end else []
        blocks += is_begin or (is_end and begin is None)
        begin = at if is_begin else None if is_end else begin
    removed = set(ours)
    kept = [line for at, line in enumerate(lines) if at not in removed]
    said = [lines[at].strip(_SPACE) for at in ours]
    rest = b"".join(kept)
    if ours and rest and len(kept) == ours[0]:  # all that is left stood before the block
        rest = _without_our_break(rest, said[0], said)
    also = tuple(path for each in said if (path := _path_in(each)))
    return Parts(rest, blocks, is_damaged, foreign, _CREATED.encode() in said, also)


def _written(lines: list[bytes], numbers: Iterable[int], *, is_whole: bool) -> Iterator[int]:
    """Which of these lines goshim wrote; where the block is not whole, only one that sets PATH."""
    has_path = False
    for at in numbers:
        text = lines[at].strip(_SPACE)
        sets_path = _sets_path(text)
        if _is_comment_of_ours(text) or (sets_path and (is_whole or not has_path)):
            yield at
        has_path = has_path or sets_path


def _leading(lines: list[bytes], numbers: Iterable[int]) -> Iterator[int]:
    """The numbers up to the first line that goshim did not write."""
    for at in numbers:
        text = lines[at].strip(_SPACE)
        if not _is_comment_of_ours(text) and not _sets_path(text):
            return
        yield at


def _is_comment_of_ours(text: bytes) -> bool:
    return text in (_NOTE.encode(), _CREATED.encode()) or text.startswith(_LAST_LINE.encode()) or _path_in(text) != ""


def _sets_path(text: bytes) -> bool:
    """Whether this is `posix_line` or `fish_line` of any directory."""
    for template in (_posix, _fish):
        start = template("\0").partition("\0")[0].encode()
        length, is_odd = divmod(len(text) - len(template("")), 2)
        word = text[len(start) : len(start) + length]
        if length > 1 and not is_odd and template("\0").encode().replace(b"\0", word) == text:
            return True
    return False


def _posix(word: str) -> str:
    return f'case "$PATH:" in {word}:*) ;; *) PATH={word}:"$PATH"; export PATH ;; esac'


def _fish(word: str) -> str:
    return f'test "$PATH[1]" = {word}; or set -gx PATH {word} $PATH'


def _path_in(text: bytes) -> str:
    """The path in a comment that names another file; empty where it is none."""
    if not text.startswith(_ALSO.encode()):
        return ""
    try:
        path = json.loads(text[len(_ALSO) :])
    except ValueError:
        return ""
    return path if isinstance(path, str) and path.startswith("/") and "\0" not in path else ""


def _without_our_break(rest: bytes, begin: bytes, said: Iterable[bytes]) -> bytes:
    """The text before a block without the line breaks that goshim added to it; all of it if one of them is a user's."""
    if begin != f"{BEGIN}{BREAK_IS_OURS}".encode():
        return rest
    sums = {each.removeprefix(_LAST_LINE.encode()) for each in said if each.startswith(_LAST_LINE.encode())}
    if not sums:  # written by 0.1.0, which added one line break to a file without one
        text = rest.removesuffix(b"\n")
        return text if text and not text.endswith(b"\n") else rest
    for added in (b"\n\n", b"\n"):
        text = rest.removesuffix(added)
        if rest.endswith(added) and separator(text) == added and _checksum(text).encode() in sums:
            return text
    return rest


def _checksum(text: bytes) -> str:
    """Of the last line: eight digits by which it is known again."""
    start = text.removesuffix(b"\n").rfind(b"\n") + 1
    return f"{zlib.crc32(text[start:]):08x}"

r"""Text that cannot do more to a terminal than be read: the gate through which all that goshim prints goes.

Paths, values and the words of others may hold anything: sequences that set the window's title or hide a line,
characters that reverse the order of writing, a line break with a forged line behind it. `printable` is for such a text
where it enters a sentence, and leaves it no line break. `visible` is the last gate before stdout and stderr: it leaves
the line breaks and tabs of the layout, and escapes all else that is not a visible character or a space.
"""

from __future__ import annotations

import sys  # and not re: watched calls import this, and few of them say anything

_LAYOUT = "\n\t"

# Unicode prints nothing for these (Default_Ignorable_Code_Point in DerivedCoreProperties.txt), though their category is
# that of letters or marks. str.isprintable knows the other kinds: controls, format characters, separators but for the
# space, surrogates, and what is private or unassigned.
_RANGES = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u3164", "\u3164"),
    ("\ufe00", "\ufe0f"),
    ("\uffa0", "\uffa0"),
)
_BLANK = frozenset(chr(code) for first, last in _RANGES for code in range(ord(first), ord(last) + 1))
_SELECTORS = "\U000e0100", "\U000e01ef"  # of variants of a character


def visible(text: str, layout: str = _LAYOUT) -> str:
    r"""The text with an escape for each character that is not to be seen: `\x1b`, `\u202e`, `\xff` for a lone byte.

    Characters in `layout` stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each in layout or _is_seen(each) else _escaped(each) for each in text)


def printable(text: str) -> str:
    """The text as it is, or in quotes with escapes where a reader would not see what it is."""
    if text.strip() == text != "" and visible(text, "") == text:
        return text
    quote = '"' if "'" in text and '"' not in text else "'"
    plain = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    named = plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f"{quote}{visible(named, '')}{quote}"


def say(text: str) -> None:
    """Write a message to stderr, if there is one."""
    if sys.stderr is not None:
        sys.stderr.flush()
        sys.stderr.buffer.write(visible(text).encode())
        sys.stderr.buffer.flush()


def _is_seen(character: str) -> bool:
    is_selector = _SELECTORS[0] <= character <= _SELECTORS[1]
    return character.isprintable() and character not in _BLANK and not is_selector


def _escaped(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # noqa: PLR2004 - a byte that is no text, as surrogateescape has it
        number -= 0xDC00
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004

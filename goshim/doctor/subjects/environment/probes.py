"""Locales, as the C library has them. Nothing of the process changes."""

from __future__ import annotations

import json

from goshim.base.encoding import to_bytes
from goshim.facts.host import Host, UnreadableError

_ALL = sum(1 << number for number in (*range(6), *range(7, 13)))  # <locale.h>: LC_CTYPE_MASK … LC_IDENTIFICATION_MASK


def charsets(_host: Host, subject: str) -> dict[str, str | None]:
    """The character set of each locale of a list of names, in JSON; None for one that is not installed.

    newlocale(3) finds a locale where setlocale(3) of bash does, locale-archive, LOCPATH and musl included.
    """
    import ctypes  # costs 5 ms
    import locale

    try:
        library = ctypes.CDLL(None)
        make, ask, free = library.newlocale, library.nl_langinfo_l, library.freelocale
    except (OSError, AttributeError) as error:
        raise UnreadableError("the C library can't be asked for locales") from error
    make.restype, make.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    ask.restype, ask.argtypes = ctypes.c_char_p, (ctypes.c_int, ctypes.c_void_p)
    free.restype, free.argtypes = None, (ctypes.c_void_p,)
    found: dict[str, str | None] = {}
    for name in json.loads(subject):
        made = make(_ALL, to_bytes(name), None) if "\0" not in name else None
        found[name] = (ask(locale.CODESET, made) or b"").decode("ascii", "replace") if made else None
        if made:
            free(made)
    return found

r""".wslconfig in the user's profile on Windows, which holds for all of a user's WSL2 distributions."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats.wsl_config import BYTE_ORDER_MARK, Config, parse
from goshim.doctor.machine import basics, registry
from goshim.facts.host import UnreadableError

_ENCODINGS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def path(look: Look) -> str:
    r"""Where .wslconfig is from here, present or not: %UserProfile%, which need not be below C:\Users."""
    profile = look(registry.profile)
    directory = look(basics.mounts).from_windows(profile)
    if directory is None or not look.host.is_directory(directory):
        raise UnknownError(f"{profile}, where .wslconfig would be, can't be reached from here")
    return f"{directory}/.wslconfig"


def config(look: Look) -> Config:
    """The file, parsed as WSL does; without an entry where there is none. Unknown without the user's profile.

    WSL opens it as text of UTF-8, or UTF-16 with its mark (microsoft/WSL src/windows/common/WslCoreConfig.cpp, `ccs=`).
    """
    try:
        data = look.host.read(look(path)) or b""
    except UnreadableError as error:
        raise UnknownError(str(error)) from None
    encoding = _ENCODINGS.get(data[:2], "utf-8")
    text = data.decode(encoding, "replace").removeprefix(BYTE_ORDER_MARK)
    return parse(look(path), text.replace("\r\n", "\n"), stops=False)


def values(look: Look) -> Mapping[str, str]:
    """What .wslconfig sets, by `section.key` in lower case; keys that were experimental under their later names."""
    return look(config).values

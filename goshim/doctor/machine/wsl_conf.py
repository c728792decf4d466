"""/etc/wsl.conf, which holds for one distribution, from its next start on."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.base.encoding import to_text
from goshim.doctor.engine.look import Look
from goshim.doctor.formats.wsl_config import Config, parse

PATH = "/etc/wsl.conf"


def config(look: Look) -> Config:
    """/etc/wsl.conf; without an entry where there is no such file. Raises UnreadableError."""
    return parse(PATH, to_text(look.host.read(PATH) or b""), stops=True)


def values(look: Look) -> Mapping[str, str]:
    """What wsl.conf sets, by `section.key` in lower case."""
    return look(config).values

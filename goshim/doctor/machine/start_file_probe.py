"""Start files of shells: of what people keep there, only what sets a variable that matters to go."""

from __future__ import annotations

from goshim.base.encoding import to_text
from goshim.doctor.formats import start_file_lines
from goshim.facts.host import Host


def lines(host: Host, path: str) -> list[tuple[int, str]]:
    """The lines that set such a variable, counted from 1, without what else is on them. Raises UnreadableError."""
    shell = start_file_lines.shell_of(path)
    data = host._read(path)  # noqa: SLF001 - past the record: the rest of the file is nobody's business
    texts = enumerate(to_text(data or b"").split("\n"), 1)
    return [(number, text) for number, line in texts if (text := start_file_lines.kept(line, shell))]

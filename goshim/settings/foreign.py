"""Config files that came with a clone: the project's file, and a user's in a home that lies in a checkout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goshim.base.errors import ConfigError
from goshim.base.terminal import printable
from goshim.facts.host import Host

if TYPE_CHECKING:  # imported where there is such a file: most calls have none
    from goshim.settings.file import ConfigFile
    from goshim.settings.trust import Request

MOST_NOTES = 100
"""Things without effect that are reported one by one, each with the reason."""


def project_file(files: Sequence[ConfigFile]) -> ConfigFile | None:
    """The project's file among config files."""
    return next((file for file in files if file.is_project), None)


def files_of(files: Sequence[ConfigFile]) -> tuple[ConfigFile, ...]:
    """The files that came with a clone: the project's, and a user's in a home that lies in a checkout."""
    return tuple(file for file in files if file.needs_trust)


def requests(files: Sequence[ConfigFile], file: ConfigFile) -> list[Request]:
    """What one of the files, which needs trust, asks for. Raises ConfigError."""
    from goshim.settings import trust

    weaker = [each.values() for each in reversed(files[: files.index(file)]) if not each.needs_trust]
    return trust.requests(file.values(), weaker)


def ignored(files: Sequence[ConfigFile], file: ConfigFile, trusted: frozenset[str]) -> list[str]:
    """A note on each thing in a file that has no effect, then how to trust the file if that would help.

    Raises ConfigError.
    """
    from goshim.settings import trust

    _, without_effect = trust.select(requests(files, file), trusted=file.path in trusted)
    notes = [f"{file.at(each.key)}: {each.words}" for each in without_effect[:MOST_NOTES]]
    if len(without_effect) > MOST_NOTES:
        notes.append(f"{printable(file.path)}: {len(without_effect) - MOST_NOTES} more things in it are ignored")
    if any(each.standing == "trust" for each in without_effect):
        how = "goshim trust" if file.is_project else f"GOSHIM_TRUST={printable(file.path)}"
        notes.append(f"{printable(file.path)}: to see what it asks for, and trust it: {how}")
    return notes


def trusted(host: Host, files: Sequence[ConfigFile]) -> frozenset[str]:
    """The paths of those files that need trust and have it.

    Raises ConfigError where a file was trusted, and its bytes are others now.
    """
    found = set()
    for file in files_of(files):
        from goshim.settings import changes, trust_records  # for few calls

        verdict = trust_records.judge(host, file.path, file.data)
        if verdict.record and verdict.has_changed:
            raise ConfigError(changes.message(file, verdict.record))
        if verdict.is_trusted:
            found.add(file.path)
    return frozenset(found)


def notes_on_variable(host: Host, files: Sequence[ConfigFile]) -> list[str]:
    """A note on each entry of GOSHIM_TRUST that names nothing, where the variable could matter."""
    if not files_of(files):
        return []
    from goshim.settings import trust_records

    return [
        f"{trust_records.VARIABLE}: {printable(entry)} is not an absolute path, ignored"
        for entry in trust_records.invalid_entries(host)
    ]

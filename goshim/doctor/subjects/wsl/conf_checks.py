"""Checks of WSL's two config files: /etc/wsl.conf, and .wslconfig in the user's profile on Windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import wsl_keys
from goshim.doctor.formats.wsl_config import BYTE_ORDER_MARK, Config, Entry, Fault, boolean, integer
from goshim.doctor.machine import windows, wsl_conf, wslconfig
from goshim.doctor.machine.wsl_conf import PATH
from goshim.doctor.subjects.wsl.conf_remedies import by_sed, comment_out, corrected, restart, unix_lines

_OTHER = {"wsl.conf": ".wslconfig", ".wslconfig": "wsl.conf"}
_PLACES = {"wsl.conf": PATH, ".wslconfig": "%UserProfile%\\.wslconfig, on Windows"}
_FIRST_OF_CRLF = (2, 5, 7)  # the first whose source is open, and reads such lines
_ALIKE = 0.8  # so much of a key must be that of another to be taken for a slip


@check("wsl-conf-unknown-key", "wsl", needs="wsl")
def wsl_conf_unknown_key(look: Look) -> Verdict:
    r"""What WSL does not understand in /etc/wsl.conf: keys that it has never had, and lines at which it stops.

    A setting that is not in force is looked for in go: PATH still has the Windows entries, drives are mounted without
    metadata, systemd does not run. WSL says so in one line at its start, which scrolls away.

    `automount.exclude` and `boot.init`, which the web advises, are no keys; any other unknown key may be one of a newer
    WSL. Behind the first line that is no section, key or comment *nothing* is read, and a byte order mark makes the
    first line such a one: microsoft/WSL issue 41590, src/linux/init/WslDistributionConfig.cpp (no
    CFG_SKIP_INVALID_LINES). WSL up to at least 2.3.26 reads nothing either of a file whose lines end in CR LF: issues
    8002 and 12502; later ones break only a line that goes on behind a `\`.

    Sources: src/shared/configfile/configfile.cpp; the keys are in config/wsl-keys.toml.
    """
    config = look(wsl_conf.config)
    if not config.text.strip():
        return ok(f"{PATH} is not there, or empty: WSL's defaults hold")
    strange = _Strange("wsl.conf", config)
    breaks = _breaks(look, config)
    evidence = (*strange.evidence, *breaks)
    lines: list[Entry | Fault] = [*strange.harmful, *config.faults]
    if not evidence:
        return ok(f"{PATH} has keys that WSL knows, and nothing else", *_shown(config.entries))
    remedies = [*comment_out(config, lines), *([unix_lines()] if breaks else [])]
    if remedies:
        remedies.append(restart(look))
    if config.faults:
        summary = f"WSL stops reading {PATH} at line {config.faults[0].line}"
    elif breaks and not lines:
        summary = f"the lines of {PATH} end as on Windows"
    else:
        summary = f"{PATH} has keys that WSL does not have"
    is_cut = any(not entry.is_read for entry in config.entries)
    is_harmful = strange.is_harmful or is_cut or (bool(breaks) and _stumbles_over_crlf(look))
    return (warn if is_harmful else info)(summary, *evidence, remedies=tuple(remedies))


@check("wsl-conf-duplicate", "wsl", needs="wsl")
def wsl_conf_duplicate(look: Look) -> Verdict:
    """Keys that /etc/wsl.conf sets twice.

    The first one counts, unlike in most files: a line that was added at the end, say `appendWindowsPath = false`, has
    no effect.

    Sections may be repeated, keys may not; case does not count. Source: microsoft/WSL
    src/shared/configfile/configfile.cpp, ConfigKey::Parse ("Duplicated config key").
    """
    config = look(wsl_conf.config)
    pairs = _duplicates(config, "wsl.conf")
    if not pairs:
        return ok(f"{PATH} sets no key twice")
    differing = [(first, later) for first, later in pairs if first.value != later.value]
    evidence = _twice(config, pairs)
    if not differing:
        keys = "a key" if len(pairs) == 1 else f"{len(pairs)} keys"
        return info(f"{PATH} sets {keys} twice, to the same", *evidence)
    return warn(
        f"{PATH} sets {differing[0][1].key} twice, and the first one counts",
        *evidence,
        remedies=(*comment_out(config, [later for _, later in differing]), restart(look)),
    )


@check("wsl-conf-boolean", "wsl", needs="wsl")
def wsl_conf_boolean(look: Look) -> Verdict:
    """Values in /etc/wsl.conf that are none: a boolean is true, false, 1 or 0, and nothing else.

    With `appendWindowsPath = no`, or `off`, the default stays in force, which is the opposite of what was meant.

    Integers may be decimal, `0x…` and, with a zero in front, octal. Sources: microsoft/WSL
    src/shared/configfile/configfile.cpp, ConfigKey::ParseImpl; src/shared/inc/stringshared.h, ParseBool.
    """
    config = look(wsl_conf.config)
    invalid = _invalid(config, "wsl.conf")
    if not invalid:
        return ok(f"the values in {PATH} are such as WSL takes")
    edits = tuple(edit for entry, _ in invalid for edit in corrected(config, entry))
    remedies = (
        *([by_sed("write it as WSL reads it", edits)] if edits else []),
        restart(look),
    )
    return warn(
        f"{PATH} sets {invalid[0][0].key} to what WSL does not take: the default stays in force",
        *(_at(config, entry, why) for entry, why in invalid),
        remedies=remedies,
    )


@check("wslconfig-key", "wsl", needs="wsl2")
def wslconfig_key(look: Look) -> Verdict:
    r"""The same in `%UserProfile%\.wslconfig` on Windows: unknown keys, keys of the other file, values that are none.

    `[interop]` and `[boot]` stand in /etc/wsl.conf, `[wsl2]` in .wslconfig (microsoft/WSL issue 9520): in the wrong
    file they do nothing, and a proxy, a network or a PATH is not what it was set to be.

    Here WSL passes over a line that is none and reads on: a comment behind `;` does no harm. Sources:
    src/windows/common/WslCoreConfig.cpp, src/shared/configfile/configfile.cpp; the keys are in config/wsl-keys.toml.
    """
    config = look(wslconfig.config)
    if not config.text.strip():
        return ok(f"{config.path} is not there, or empty: WSL's defaults hold")
    strange = _Strange(".wslconfig", config)
    pairs = _duplicates(config, ".wslconfig")
    invalid = [_at(config, entry, why) for entry, why in _invalid(config, ".wslconfig")]
    clashes = [(first, later) for first, later in pairs if first.value != later.value]
    evidence = (*strange.evidence, *invalid, *_twice(config, pairs))
    if not evidence:
        return ok(f"{config.path} has keys that WSL knows, and nothing else", *_shown(config.entries))
    is_harmful = bool(strange.is_harmful or invalid or clashes)
    remedies = (
        Remedy(f"mend these lines in {config.path}", where="file"),
        Remedy("then restart WSL: all its distributions end", "wsl.exe --shutdown", "powershell"),
    )
    lines = "a line that does not do what it says"
    if len(evidence) > 1:
        lines = f"{len(evidence)} lines that do not do what they say"
    return (warn if is_harmful else info)(
        f"{config.path} has {lines}", *evidence, remedies=remedies if is_harmful else ()
    )


# What is found.


class _Strange:
    """What WSL does not know in a file: harmful are the entries that somebody surely expects to work.

    `is_harmful` is whether there are any, or lines that are none and were meant to set something.
    """

    def __init__(self, file: str, config: Config) -> None:
        real, folklore, elsewhere = wsl_keys.known(file), wsl_keys.folklore(file), wsl_keys.known(_OTHER[file])
        self.harmful: list[Entry] = []
        self.evidence: list[str] = [
            f"{config.path}:{fault.line}: {printable(fault.raw)}: expected {fault.expected}" for fault in config.faults
        ]
        for entry in config.entries:
            if wsl_keys.find(real, entry.key):
                if not entry.is_read:
                    self.evidence.append(_at(config, entry, "not read, it is behind that line"))
                continue
            if row := folklore.get(wsl_keys.find(folklore, entry.key)):
                self.harmful.append(entry)
                why = f"no key of WSL, though the web says so: {row['truth']} ({row['source']})"
            elif key := wsl_keys.find(elsewhere, entry.key):
                self.harmful.append(entry)
                why = f"{key} belongs in {_PLACES[_OTHER[file]]}"
            else:
                why = f"no key that WSL is known to have{_hint(entry.key, real)}"
            self.evidence.append(_at(config, entry, why))
        self.is_harmful = bool(self.harmful) or any(map(_is_setting, config.faults))


def _is_setting(fault: Fault) -> bool:
    """Whether a line that is none was meant to set something, or to begin a section; `; …` was meant as a comment."""
    first = fault.raw.lstrip(f" \t{BYTE_ORDER_MARK}")[:1]
    return first.isalpha() or first == "["


def _hint(key: str, real: Mapping[str, object]) -> str:
    """The real key that was perhaps meant: the one of that name in another section, else the nearest in its own."""
    from difflib import get_close_matches

    section, _, name = key.lower().rpartition(".")
    same = [each for each in real if each.lower().endswith(f".{name}")]
    keys = (each.rpartition(".") for each in real)
    beside = {last.lower(): f"{first}.{last}" for first, _, last in keys if first.lower() == section}
    meant = same or [beside[each] for each in get_close_matches(name, beside, 1, _ALIKE)]
    return f"; did you mean {meant[0]}?" if meant else ""


def _duplicates(config: Config, file: str) -> list[tuple[Entry, Entry]]:
    """Each key that WSL knows and meets again, with the entry that counts."""
    first: dict[str, Entry] = {}
    found = []
    for entry in config.entries:
        name = wsl_keys.canonical(entry.name)
        if entry.is_read and wsl_keys.find(wsl_keys.known(file), entry.key):
            if name in first:
                found.append((first[name], entry))
            first.setdefault(name, entry)
    return found


def _twice(config: Config, pairs: Iterable[tuple[Entry, Entry]]) -> list[str]:
    return [
        _at(config, later, f"does not count, line {first.line} has set it to {printable(first.value) or 'nothing'}")
        for first, later in pairs
    ]


def _invalid(config: Config, file: str) -> list[tuple[Entry, str]]:
    """The entries that count and whose values WSL refuses, with the reason."""
    rows = wsl_keys.known(file)
    later = {id(entry) for _, entry in _duplicates(config, file)}
    found = []
    for entry in config.entries:
        row = rows.get(wsl_keys.find(rows, entry.key))
        if row is None or not entry.is_read or id(entry) in later:
            continue
        allowed = row["type"]
        if allowed == "bool" and boolean(entry.value) is None:
            why = "not true, false, 1 or 0"
        elif allowed == "integer" and integer(entry.value) is None:
            why = "not an integer"
        elif "|" in allowed and entry.value.lower() not in allowed.split("|"):
            why = f"not one of {', '.join(allowed.split('|'))}"
        else:
            continue
        found.append((entry, f"{why}; the default{_default(row)} holds"))
    return found


def _default(row: Mapping[str, str]) -> str:
    return f", {row['default']}," if "default" in row else ""


def _breaks(look: Look, config: Config) -> list[str]:
    if not config.has_crlf:
        return []
    try:
        version = f"this is {look(windows.version)}"
    except UnknownError as error:
        version = str(error)
    number = config.text.count("\r\n")
    end = "1 line ends" if number == 1 else f"{number} lines end"
    return [f"{PATH}: {end} in CR LF; WSL up to 2.3.26 reads nothing of such a file ({version})"]


def _stumbles_over_crlf(look: Look) -> bool:
    try:
        version = look(windows.version)
    except UnknownError:
        return False
    return tuple(int(part) for part in version.split(".")) < _FIRST_OF_CRLF


def _at(config: Config, entry: Entry, why: str) -> str:
    return f"{config.path}:{entry.line}: {printable(entry.raw.strip())}: {why}"


def _shown(entries: Iterable[Entry]) -> list[str]:
    return [f"{entry.key} = {printable(entry.value)}" for entry in entries]

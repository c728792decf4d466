r"""The Windows registry, as `reg.exe query` prints it. Nothing is ever written there.

Where WSL keeps what: a user's distributions in HKCU (microsoft/WSL src/windows/service/exe/DistributionRegistration.h
and src/windows/common/registry.cpp, OpenLxssUserKey), what holds for all users in HKLM (src/windows/service/exe).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

from goshim.base.terminal import printable
from goshim.doctor.engine.doctor_host import Done
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import windows

LIMIT_S = 4.5
"""Less than a check has, so that its reason says which program did not answer."""

LXSS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Lxss"
MACHINE_LXSS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Lxss"
LXSS_MANAGER = r"HKLM\SYSTEM\CurrentControlSet\Services\LxssManager"
WSL_SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\WslService"
USER_ENVIRONMENT = r"HKCU\Environment"
MACHINE_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
VOLATILE_ENVIRONMENT = r"HKCU\Volatile Environment"
INTERNET_SETTINGS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"
DEFENDER_EXCLUSIONS = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Exclusions\Paths"
CODE_PAGES = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"

_HIVES = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE"}
# Four blanks part the columns; a name may hold blanks. The name of a default value is localised, a type never is.
_VALUE = re.compile(r" {4}(.*?) {4}(REG_[A-Z_]+)(?: {4}(.*)| *)")
_NO_SUCH_KEY = 1
# What WSL's own relay writes where it can't reach Windows; its exit code is then 1 too: src/linux/init/binfmt.cpp
_RELAY_FAILED = re.compile(rb"^<3>|reg\.exe: ", re.MULTILINE)


@dataclass(frozen=True)
class Value:
    """A value's type, such as REG_SZ, and its text as printed."""

    type: str
    text: str

    @property
    def number(self) -> int | None:
        """The number of a REG_DWORD or REG_QWORD; None of another type."""
        is_number = self.type in ("REG_DWORD", "REG_QWORD") and re.fullmatch("0x[0-9a-fA-F]{1,16}", self.text)
        return int(self.text, 16) if is_number else None

    @property
    def strings(self) -> tuple[str, ...]:
        r"""The strings of a REG_MULTI_SZ, which are printed with a literal `\0` between them."""
        return tuple(part for part in self.text.split("\\0") if part)


@dataclass(frozen=True)
class Key:
    """A key by its full name, which begins with HKEY_, and its values by their names."""

    name: str
    values: Mapping[str, Value]

    def get(self, name: str) -> Value | None:
        """A value; case does not count."""
        return next((value for known, value in self.values.items() if known.casefold() == name.casefold()), None)

    def text(self, name: str) -> str:
        """The text of a value; empty where there is none."""
        return found.text if (found := self.get(name)) else ""


# Questions.


def query(look: Look, key: str, *options: str) -> tuple[Key, ...]:
    """The key, then its subkeys (with `/s` those below them, and the values of all); none where there is no such key.

    Other options of `reg.exe query` are `/v` and a name. Unknown where Windows can't be asked, or its answer is none.
    """
    is_first = (key, options) == (LXSS, ("/s",))
    if not is_first and (reason := look(silence)):
        raise UnknownError(reason)
    done = look(first_answer) if is_first else _ask(look, key, options)
    if done.code == _NO_SUCH_KEY and not _RELAY_FAILED.search(done.errors):
        return ()  # the message is localised; it is no sign of anything
    if done.code != 0:
        raise UnknownError(f"the registry can't be read: reg.exe: {_failure(done)}")
    return parse(_decode(look, done.output), key)


def first_answer(look: Look) -> Done:
    """What reg.exe says of the key that most ask for: who asks for another one learns from it whether to wait."""
    return _ask(look, LXSS, ("/s",))


def silence(look: Look) -> str:
    """Why reg.exe need not be asked again: it gave no answer in time; empty where it did."""
    done = look(first_answer)
    is_silent = done.code is None and done.error.startswith("no answer")
    return f"the registry can't be read: reg.exe: {done.error}" if is_silent else ""


def refusal(look: Look) -> str:
    """Why no Windows program can be run though all looks as if it could; empty where reg.exe ran."""
    if not look.host.exists(f"{look(windows.system32)}/reg.exe"):
        raise UnknownError("Windows can't be asked: it has no reg.exe")
    done = look(first_answer)
    ran = done.code is not None and not _RELAY_FAILED.search(done.errors)
    return "" if ran else _failure(done)


def parse(text: str, key: str) -> tuple[Key, ...]:
    """What `reg.exe query` printed of a key. Unknown if that is something else."""
    hive, _, rest = key.partition("\\")
    top = f"{_HIVES.get(hive, hive)}\\{rest}".rstrip("\\").casefold()
    found: list[tuple[str, dict[str, tuple[str, list[str]]]]] = []
    last: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        is_below = f"{line}\\".casefold().startswith(f"{top}\\")
        value = _VALUE.fullmatch(line)
        if is_below:
            found.append((line, {}))
            last = None
        elif value and found:
            last = [value[3] or ""]
            found[-1][1][value[1]] = (value[2], last)
        elif line.strip() and last:  # a string of several lines is printed as it is
            last.append(line)
        elif line.strip():
            raise UnknownError(f"reg.exe answered what is no registry key: {printable(line[:60])}")
    return tuple(
        Key(name, {each: Value(kind, "\n".join(lines)) for each, (kind, lines) in values.items()})
        for name, values in found
    )


def _ask(look: Look, key: str, options: tuple[str, ...]) -> Done:
    system32 = look(windows.system32)
    words = [f"{system32}/reg.exe", "query", key, *options]
    return look.host.command(words, directory=system32, limit_s=LIMIT_S)  # a Linux directory is a slow share for it


def _failure(done: Done) -> str:
    if done.code is None:
        return done.error
    said = done.errors.decode("ascii", "replace").strip().partition("\n")[0].strip()
    return f"exit code {done.code}" + (f", {printable(said[:120])}" if said else "")


def _decode(look: Look, output: bytes) -> str:
    """The text, whatever the code page; what can't be told is a replacement character, and ASCII stays what it is."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if output.startswith(mark):
            return output[len(mark) :].decode(encoding, "replace")
    start = output[:400]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) > 1 and start[first::2].count(0) > len(start) // 4:
            return output.decode(encoding, "replace")
    try:
        return output.decode("utf-8")
    except UnicodeDecodeError:
        return output.decode(look(encoding_of_console), "replace")


def encoding_of_console(look: Look) -> str:
    """The encoding of what Windows' console programs print, by its own word; `ascii` where that can't be had.

    A guess by the bytes would be nonsense: each byte is a letter of some code page.
    """
    done = _ask(look, CODE_PAGES, ("/v", "OEMCP"))
    found = re.search(rb"OEMCP {4}REG_SZ {4}(\d{3,5})\b", done.output)
    encoding = f"cp{found[1].decode()}" if found else "ascii"
    try:
        codecs.lookup(encoding)
    except LookupError:
        return "ascii"
    return encoding


# What is asked.


def lxss(look: Look) -> tuple[Key, ...]:
    """The user's distributions: the Lxss key, then a subkey for each."""
    return query(look, LXSS, "/s")


def distribution(look: Look) -> Key:
    """The distribution that this is, by WSL_DISTRO_NAME."""
    name = look(windows.distribution_name)
    if not name:
        raise UnknownError("which distribution of the registry this is can't be told: WSL_DISTRO_NAME is not set")
    found = [key for key in look(lxss) if key.text("DistributionName").casefold() == name.casefold()]
    if len(found) != 1:
        raise UnknownError(f"the registry has {len(found) or 'no'} distributions named {printable(name)}")
    return found[0]


def lxss_manager(look: Look) -> tuple[Key, ...]:
    """The service that WSL was, whose key holds the flags for all users; none where there is no such key."""
    return query(look, LXSS_MANAGER, "/s")


def wsl_service(look: Look) -> tuple[Key, ...]:
    """The service that WSL is; none where there is no such key."""
    return query(look, WSL_SERVICE, "/s")


def machine_lxss(look: Look) -> tuple[Key, ...]:
    """What WSL keeps for all users, which is no distribution; none where there is no such key."""
    return query(look, MACHINE_LXSS, "/s")


def user_environment(look: Look) -> Key:
    """The variables that Windows gives to the user's programs."""
    return _one(look, USER_ENVIRONMENT)


def machine_environment(look: Look) -> Key:
    """The variables that Windows gives to all programs."""
    return _one(look, MACHINE_ENVIRONMENT)


def internet_settings(look: Look) -> Key:
    """Windows' proxy settings of the user: ProxyEnable, ProxyServer, ProxyOverride, AutoConfigURL."""
    return _one(look, INTERNET_SETTINGS)


def defender_exclusions(look: Look) -> tuple[str, ...]:
    """The Windows paths that Defender does not scan. Unknown where only an administrator may read them."""
    keys = query(look, DEFENDER_EXCLUSIONS)
    if not keys:
        raise UnknownError("Defender's exclusions can't be read: only an administrator may, or Defender is not there")
    return tuple(keys[0].values)


def profile(look: Look) -> str:
    r"""The user's profile as a Windows path, such as `C:\Users\me`."""
    path = next((key.text("USERPROFILE") for key in query(look, VOLATILE_ENVIRONMENT, "/v", "USERPROFILE")), "")
    if not path or "\N{REPLACEMENT CHARACTER}" in path:
        raise UnknownError("the user's profile on Windows can't be told from the registry")
    return path


def _one(look: Look, key: str) -> Key:
    """A key without those below it; without a value where there is no such key."""
    return next(iter(query(look, key)), Key(key, {}))

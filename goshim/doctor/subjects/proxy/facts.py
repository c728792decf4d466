"""The variables of HTTP proxies: what go takes them for, and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from goshim.base.redaction import shown
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats.go_url import Address, parse_proxy
from goshim.doctor.machine import basics, networking, origins, registry
from goshim.doctor.machine.origins import Origin

PROXIES = (("HTTP_PROXY", "http_proxy"), ("HTTPS_PROXY", "https_proxy"))
PAIRS = (*PROXIES, ("NO_PROXY", "no_proxy"))
NAMES = tuple(name for pair in PAIRS for name in pair)
ELSEWHERE = ("ALL_PROXY", "all_proxy")  # what curl, and git through it, reads and go does not

_AROUND = " \t\r\n\v\f\"'"


@dataclass(frozen=True)
class Variable:
    """A proxy variable that is set, and where that was done, as far as can be told. `line` is the one that did it."""

    name: str
    value: str
    place: str
    line: Origin | None = None

    @property
    def shown(self) -> str:
        """As a person may see it, with its place."""
        return f"{self.name}={shown(self.name, self.value)}: {self.place}"

    @property
    def address(self) -> Address | None:
        """What go takes the value for; None where it goes direct."""
        return parse_proxy(self.value)

    @property
    def tidy(self) -> str:
        """The value without the blanks, quotes and carriage returns around it."""
        return self.value.strip(_AROUND)


def of_windows(look: Look) -> tuple[str, ...]:
    """What Windows' own programs use, by Internet Settings; nothing where it uses no proxy, or can't be asked.

    WSL hands it over by autoProxy, and not at all where that is off, in WSL1, or where it can't be reached from Linux.
    """
    try:
        settings = look(registry.internet_settings)
    except UnknownError:
        return ()
    is_on = (enabled := settings.get("ProxyEnable")) is not None and enabled.number == 1
    names = (*(("ProxyServer", "ProxyOverride") if is_on else ()), "AutoConfigURL")
    return tuple(f"Windows: {name}={shown(name, text)}" for name in names if (text := settings.text(name)))


def variables(look: Look) -> tuple[Variable, ...]:
    """Those that are set and not empty, in the order of NAMES, then of ELSEWHERE."""
    known = look(basics.variables)
    return tuple(_variable(look, name, value) for name in (*NAMES, *ELSEWHERE) if (value := known.get(name, "")))


def named(look: Look, *names: str) -> tuple[Variable, ...]:
    """Those of these names, in their order."""
    found = {each.name: each for each in look(variables)}
    return tuple(found[name] for name in names if name in found)


def read_by_go(look: Look) -> tuple[Variable, ...]:
    """The variables that go reads of each pair of PROXIES: the first that is not empty, upper case before lower."""
    return tuple(found[0] for pair in PROXIES if (found := named(look, *pair)))


def after_goshim(look: Look) -> Mapping[str, str]:
    """The variables of NAMES, without the empty ones, as go gets them here."""
    known = look(basics.environment)
    return {name: value for name in NAMES if (value := known.get(name, ""))}


def first(values: Mapping[str, str], pair: tuple[str, str]) -> str:
    """The value of a pair that go takes: of the upper case, else of the lower."""
    return values.get(pair[0]) or values.get(pair[1], "")


def auto_proxy(look: Look) -> bool | None:
    """Whether WSL hands Windows' proxy over; None where nothing tells. It does by default: WslCoreConfig.h."""
    if look(basics.machine).wsl != "wsl2":
        return False
    value = networking.configured(look, "autoproxy").strip().lower()
    return {"true": True, "1": True, "false": False, "0": False}.get(value)


def _variable(look: Look, name: str, value: str) -> Variable:
    if source := origins.source(look, name):
        return Variable(name, value, source.words, source if source.path else None)
    if name in NAMES and _is_mirrored(look, name, value):
        return Variable(name, value, "Windows, by WSL's autoProxy, as far as can be seen from here")
    return Variable(name, value, "set by what started this shell, or in a file that doctor does not read")


def _is_mirrored(look: Look, name: str, value: str) -> bool:
    """Whether it looks as WSL leaves it: both cases alike (microsoft/WSL LxssUserSession.cpp, _SetHttpProxyInfo)."""
    known = look(basics.variables)
    other = name.lower() if name.isupper() else name.upper()
    is_wsl2 = look(basics.machine).wsl == "wsl2"
    return is_wsl2 and look(auto_proxy) is not False and known.get(other) == value

"""What reg.exe prints, for the `commands` of a described machine."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.doctor.machine import registry

REG = "/mnt/c/Windows/System32/reg.exe"
GUID = "{47a89313-4300-4678-96ae-e53c41a79e03}"

WORD, TEXT, LIST, EXPANDABLE = "REG_DWORD", "REG_SZ", "REG_MULTI_SZ", "REG_EXPAND_SZ"
Values = Mapping[str, tuple[str, str]]

REGISTRATION: Values = {
    "State": (WORD, "0x1"),
    "DistributionName": (TEXT, "Debian"),
    "Version": (WORD, "0x2"),
    "BasePath": (TEXT, r"C:\Users\me\AppData\Local\wsl\{1}"),
    "DefaultUid": (WORD, "0x3e8"),
    "Flags": (WORD, "0xf"),
}


def full(key: str) -> str:
    """A key as reg.exe prints it."""
    return key.replace("HKCU", "HKEY_CURRENT_USER", 1).replace("HKLM", "HKEY_LOCAL_MACHINE", 1)


def printed(keys: Mapping[str, Values]) -> str:
    """Keys and their values as they are printed, with Windows' ends of lines."""
    blocks = [
        "\n".join([full(key), *(f"    {name}    {kind}    {text}" for name, (kind, text) in values.items())])
        for key, values in keys.items()
    ]
    return "\n" + "\n\n".join(blocks).replace("\n", "\r\n") + "\r\n\r\n"


def asked(key: str, *options: str) -> str:
    """The words of a query."""
    return " ".join([REG, "query", key, *options])


def lxss(registration: Values | None = None, **more: tuple[str, str]) -> dict[str, object]:
    """The answer about the user's distributions, of which one is registered with these values."""
    values = {**(REGISTRATION if registration is None else registration), **more}
    top: Values = {"DefaultDistribution": (TEXT, GUID), "DefaultVersion": (WORD, "0x2")}
    return answer(registry.LXSS, top, "/s", below={GUID: values})


def answer(
    key: str, values: Values | None, *options: str, below: Mapping[str, Values] | None = None
) -> dict[str, object]:
    """The answer about a key; None for one that is not there."""
    if values is None and not below:
        return {asked(key, *options): 1}
    keys = {key: values or {}, **{f"{key}\\{name}": each for name, each in (below or {}).items()}}
    return {asked(key, *options): printed(keys).encode()}

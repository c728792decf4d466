"""The check of the locale."""

from __future__ import annotations

from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import origins
from goshim.doctor.subjects.environment import locales


@check("locale", "environment")
def locale(look: Look) -> Verdict:
    """Whether the locale that LC_ALL, LC_… and LANG name is installed.

    With an LC_ALL that is not, bash writes `setlocale: LC_ALL: cannot change locale` to stderr at the start of every
    script: goshim's launcher is one, and an editor opens a panel for any word on the stderr of `go env`. Go itself uses
    no locale.

    Only LC_ALL makes bash speak at its start (tried with bash 5.2); perl, and with it some of git, warns for any. WSL
    sets `LANG=en_US.UTF-8` by itself (microsoft/WSL `src/windows/service/exe/DistributionRegistration.h`), which a
    fresh Debian has not installed. Asked is newlocale(3), as bash would setlocale(3).
    """
    asked = look(locales.asked)
    if not asked:
        return ok("no locale is asked for: the C locale")
    charsets = look(locales.charsets)
    missing = {name: value for name, value in asked.items() if charsets[value] is None}
    evidence = [line for name in asked for line in origins.told(look, name)]
    if "LC_ALL" in missing:
        summary = f"the locale {printable(missing['LC_ALL'])} is not installed: bash warns at every script"
        return warn(summary, *evidence, remedies=_locales(look, missing["LC_ALL"], "LC_ALL"))
    if missing:
        name, value = next(reversed(missing.items()))
        summary = f"the locale {printable(value)} is not installed: programs use the C locale, and perl warns"
        return info(summary, *evidence, remedies=_locales(look, value, name))
    if look(locales.charset).upper().replace("-", "") != "UTF8":
        summary = f"the locale's character set is {look(locales.charset)}; go writes UTF-8 whatever it is"
        return info(summary, *evidence)
    return ok(f"the locale is installed: {', '.join(sorted(set(map(printable, asked.values()))))}")


def _locales(look: Look, name: str, variable: str) -> tuple[Remedy, ...]:
    plain, at, modifier = name.partition("@")
    language, dot, charset = plain.partition(".")
    is_plain = language.replace("_", "").isalpha() and (not at or modifier.isalnum())
    remedies = []
    if look(locales.charsets).get(locales.FALLBACK):
        remedies.append(Remedy("use one that is there", f"export {variable}={locales.FALLBACK}"))
    if is_plain and (not dot or charset.replace("-", "").isalnum()):
        charset = "UTF-8" if not dot or charset.upper().replace("-", "") == "UTF8" else charset
        install = f"sudo localedef -i {language}{at}{modifier} -f {charset} {name}"
        if look(locales.has_apt):
            install = f"sudo apt-get install -y locales && {install}"
        remedies.append(Remedy("or install it", install, "sudo"))
    return tuple(remedies)

"""All rules, in the order in which they apply: a later one sees what an earlier one changed."""

from __future__ import annotations

from dataclasses import replace

from goshim.facts import Facts
from goshim.rules import cgo, epoch, go_env, goroot, lookups, path, private, proxy, windows
from goshim.rules.rule import Change, Overlay, Rule
from goshim.settings.model import Settings
from goshim.terminal import printable

RULES: tuple[Rule, ...] = (
    go_env.variables,
    path.windows_last,
    path.unsafe,
    path.extra,
    goroot.foreign,
    windows.value,
    windows.tmp,
    windows.module_cache,
    cgo.invalid,
    cgo.setting,
    proxy.url,
    proxy.setting,
    proxy.https_missing,
    proxy.case,
    proxy.no_proxy,
    private.syntax,
    epoch.invalid,
    epoch.setting,
    lookups.gccgo,
    lookups.compiler,
)


def notes(settings: Settings) -> list[str]:
    """What to tell of ids in rules.off that no rule has; they are ignored, for a newer goshim may know them."""
    from goshim.settings.file import nearest

    known = [rule.id for rule in RULES]
    return [
        f"rules.off: no rule {printable(name)}, ignored{nearest(name, known)}"
        for name in settings.rules.off
        if name not in known
    ]


def apply(facts: Facts, settings: Settings) -> tuple[Change, ...]:
    """What is to be changed for go, change by change."""
    variables = Overlay(facts.variables)
    facts = replace(facts, variables=variables)
    changes = []
    for rule in RULES:
        if rule.id in settings.rules.off or (rule.where == "WSL" and not facts.wsl):
            continue
        for variable, after, reason in list(rule.apply(facts, settings)):
            before = variables.get(variable)
            if after != before:
                changes.append(Change(variable, before, after, rule.id, reason))
                variables.change(variable, after)
    return tuple(changes)

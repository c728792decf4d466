"""All rules, in the order in which they apply: a later one sees what an earlier one changed."""

from __future__ import annotations

from dataclasses import replace

from goshim.base.terminal import printable
from goshim.facts import Facts
from goshim.rules import cgo, epoch, go_env, goroot, lookups, path, private, proxy, windows
from goshim.rules.rule import Change, Overlay, Rule
from goshim.settings.model import Settings

RULES: tuple[Rule, ...] = (
    go_env.go_env,
    path.path_windows_last,
    path.path_unsafe,
    path.path_extra,
    goroot.goroot_foreign,
    windows.windows_value,
    windows.tmp_on_windows,
    windows.module_cache_native,
    cgo.cgo_invalid,
    cgo.cgo_setting,
    proxy.proxy_url,
    proxy.proxy_setting,
    proxy.proxy_https_missing,
    proxy.proxy_case,
    proxy.no_proxy_syntax,
    private.private_syntax,
    epoch.epoch_invalid,
    epoch.epoch_setting,
    lookups.gccgo_lookup,
    lookups.compiler_lookup,
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

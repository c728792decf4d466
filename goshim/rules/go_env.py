"""Variables that a config gives."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings


@rule("go-env", "GOFLAGS GOPRIVATE …", "when set")
def go_env(facts: Facts, settings: Settings) -> Effects:
    """The table `[env]` gives variables that the caller has not set.

    As in go's own file (`go env -w`), a variable of the environment wins over it, and an empty one counts as unset.
    """
    for name, value in settings.env.items():
        if not facts.variables.get(name):
            yield name, value, "[env]"

"""What of a project file counts: a clone brings it, so what could do harm is left out until the file is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from goshim.base.terminal import printable
from goshim.settings import policy
from goshim.settings.file import nearest
from goshim.settings.lines import Key
from goshim.settings.model import Settings, leaves
from goshim.settings.policy import Row, Standing

RULES_OFF: Key = ("rules", "off")


class Request(NamedTuple):
    """One thing that a project file asks for: a key, or one rule of rules.off, with its row of the policy.

    `standing` is what holds for this very value: a free key with a value out of bounds needs trust. `replaced` is what
    weaker files say of the key; None where they say nothing.
    """

    key: Key
    value: Any
    row: Row
    standing: Standing
    replaced: Any = None

    def counts(self, *, trusted: bool) -> bool:
        """Whether it has an effect."""
        return self.standing == "free" or (trusted and self.standing == "trust")

    @property
    def words(self) -> str:
        """Why it does not count, to be printed after its place and name."""
        if self.standing == "never":
            if self.key == RULES_OFF:
                return f"a project file cannot switch off {printable(self.value)}, ignored: {self._reason}"
            return f"a project file can never set this, ignored: it {self.row.effect}"
        bound = f" beyond its bound ({self.row.bound.words})" if self.row.bound else ""
        return f"needs trust{bound}, ignored: it {self.row.effect}"

    @property
    def _reason(self) -> str:
        if self.row.source != policy.UNLISTED:
            return self.row.effect
        return f"{self.row.effect}{nearest(self.value, [row.name for row in policy.RULES])}"


def requests(values: Mapping[str, Any], below: Sequence[Mapping[str, Any]] = ()) -> list[Request]:
    """All that the values of a project file ask for. `below` are the values of weaker files, the strongest first."""
    found = []
    for key, value in _flat(values):
        if key == RULES_OFF:
            rows = ((rule, policy.of_rule(rule)) for rule in value)
            found += [Request(key, rule, row, row.standing) for rule, row in rows]
        else:
            row = policy.of_setting(key)
            weaker = next((held for layer in below if (held := _value(layer, key)) is not None), None)
            is_in_bounds = row.bound is None or row.bound.holds(value, weaker)
            found.append(Request(key, value, row, row.standing if is_in_bounds else "trust", weaker))
    return found


def select(asked: Iterable[Request], *, trusted: bool) -> tuple[dict[str, Any], list[Request]]:
    """The values that count, and the requests that do not. A project's rules.off adds to the rules that are off."""
    counting: dict[str, Any] = {}
    ignored: list[Request] = []
    for request in asked:
        if not request.counts(trusted=trusted):
            ignored.append(request)
        elif request.key == RULES_OFF:
            counting.setdefault("rules", {}).setdefault("off", []).append(request.value)
        else:
            _put(counting, request.key, request.value)
    return counting, ignored


def keys(values: Mapping[str, Any]) -> list[Key]:
    """The known keys of a config file, each variable of env on its own."""
    return [key for key, _ in _flat(values)]


def _flat(values: Mapping[str, Any]) -> list[tuple[Key, Any]]:
    """Each known key with its value, and each variable of env on its own."""
    found: list[tuple[Key, Any]] = []
    for key, _, _ in leaves(Settings()):
        value = _value(values, key)
        if key == ("env",):
            found += [((*key, name), text) for name, text in (value or {}).items()]
        elif value is not None:
            found.append((key, value))
    return found


def _value(values: Any, key: Key) -> Any:
    for part in key:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _put(values: dict[str, Any], key: Key, value: Any) -> None:
    for part in key[:-1]:
        values = values.setdefault(part, {})
    values[key[-1]] = value

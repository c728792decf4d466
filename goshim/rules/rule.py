"""What a rule is: a pure function from facts and settings to changes, with an id and a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from goshim.facts import Facts
from goshim.settings.model import Settings

Effects = Iterator[tuple[str, "str | None", str]]
"""Each effect of a rule: the variable, its value after (None: unset), the reason."""


@dataclass(frozen=True)
class Change:
    """What a rule does to one variable. None stands for unset."""

    variable: str
    before: str | None
    after: str | None
    rule: str
    reason: str


def changed(environment: Mapping[str, str], changes: Iterable[Change]) -> dict[str, str]:
    """The environment after these changes."""
    after = dict(environment)
    for change in changes:
        if change.after is None:
            after.pop(change.variable, None)
        else:
            after[change.variable] = change.after
    return after


@dataclass(frozen=True)
class Rule:
    """A rule under its id. `where` is `everywhere`, `WSL`, or `when set`; `doc` is its page in docs/rules.md."""

    id: str
    variables: str
    where: str
    doc: str
    apply: Callable[[Facts, Settings], Effects]

    @property
    def summary(self) -> str:
        """The first line of its doc."""
        return self.doc.partition("\n")[0]


def rule(name: str, variables: str, where: str) -> Callable[[Callable[[Facts, Settings], Effects]], Rule]:
    """Make a function, whose docstring becomes the doc, a rule."""

    def make(apply: Callable[[Facts, Settings], Effects]) -> Rule:
        doc = "\n".join(line.strip() for line in (apply.__doc__ or "").strip().split("\n"))
        return Rule(name, variables, where, doc, apply)

    return make


class Overlay(Mapping[str, str]):
    """Variables with the changes made so far."""

    def __init__(self, below: Mapping[str, str]) -> None:
        """Lay nothing over `below` yet."""
        self._below = below
        self._changed: dict[str, str | None] = {}

    def change(self, name: str, value: str | None) -> None:
        """Set a variable, or unset it."""
        self._changed[name] = value

    def __getitem__(self, name: str) -> str:
        if name not in self._changed:
            return self._below[name]
        value = self._changed[name]
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        gone = {name for name, value in self._changed.items() if value is None}
        return iter(
            [name for name in {**dict.fromkeys(self._below), **dict.fromkeys(self._changed)} if name not in gone]
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

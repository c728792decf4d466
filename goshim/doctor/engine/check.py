"""What a check is: a pure function from facts to a verdict, with an id, a section and a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from goshim.base.resources import load_rows
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Look

SECTIONS = ("toolchain", "path", "environment", "network", "module cache", "wsl", "clock", "goshim")

NEEDS = {
    "": "",
    "wsl": "this is not WSL",
    "wsl2": "this is not WSL2",
    "network": "only with --network",
}
"""What a check asks of a machine before it looks, and the reason told where that is not so."""


@dataclass(frozen=True)
class Check:
    """A check under its id. `doc` is its page in docs/checks.md: what is looked at, why it matters, with sources."""

    id: str
    section: str
    doc: str
    judge: Callable[[Look], Verdict]
    needs: str = ""

    @cached_property
    def summary(self) -> str:
        """The first paragraph of its doc, in one line."""
        return " ".join(self.doc.partition("\n\n")[0].split())

    @cached_property
    def why(self) -> str:
        """The second paragraph: why it matters to who develops in Go."""
        return " ".join(self.doc.partition("\n\n")[2].partition("\n\n")[0].split())

    @cached_property
    def folklore(self) -> tuple[str, ...]:
        """The ids of the claims in docs/folklore.md that this check answers."""
        return tuple(row["id"] for row in load_rows("folklore.toml", "claim") if row.get("check") == self.id)


def check(name: str, section: str, *, needs: str = "") -> Callable[[Callable[[Look], Verdict]], Check]:
    """Make a function, whose docstring becomes the doc, a check. It may ask nothing but facts of its Look.

    The docstring's first paragraph tells what is looked at, the second why it matters (the `detail` of a finding that
    brings none of its own); more may follow for docs/checks.md: sources, details.
    """
    if section not in SECTIONS or needs not in NEEDS:
        raise ValueError(f"{name}: no section {section!r}, or no need {needs!r}")

    def make(judge: Callable[[Look], Verdict]) -> Check:
        doc = "\n".join(line.strip() for line in (judge.__doc__ or "").strip().split("\n"))
        return Check(name, section, doc, judge, needs)

    return make

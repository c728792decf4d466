"""Which modules are private."""

from __future__ import annotations

import re

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

_FOREIGN = re.compile(r"[\s\"';]|://")
_BEFORE = re.compile(r"(?:[\s\"']|[A-Za-z+.-]+://)+")


@rule("private-syntax", "GOPRIVATE GONOPROXY GONOSUMDB", "everywhere")
def private_syntax(facts: Facts, settings: Settings) -> Effects:
    """Blanks, a carriage return, quotes, `https://` and `;` are mended in lists of private modules.

    Go takes each for a part of the pattern (golang.org/x/mod/module, MatchPrefixPatterns), which then matches nothing:
    the private path goes to the public proxy.
    """
    for name in ("GOPRIVATE", "GONOPROXY", "GONOSUMDB"):
        before = facts.variables.get(name)
        if before and _FOREIGN.search(before):
            patterns = [_bare(part) for part in re.split("[,;]", before)]
            after = ",".join(pattern for pattern in patterns if pattern)
            yield name, after or None, "as written it matches no module"


def _bare(pattern: str) -> str:
    """A pattern without the blanks, quotes and schemes around it."""
    found = _BEFORE.match(pattern)
    end = len(pattern)
    while end and (pattern[end - 1].isspace() or pattern[end - 1] in "\"'"):
        end -= 1
    return pattern[found.end() if found else 0 : end]

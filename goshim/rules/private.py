"""Which modules are private."""

from __future__ import annotations

import re

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

_FOREIGN = re.compile(r"[\s\"';]|://")
_AROUND = re.compile(r"^(?:[\s\"']|[A-Za-z+.-]+://)+|[\s\"']+$")


@rule("private-syntax", "GOPRIVATE GONOPROXY GONOSUMDB", "everywhere")
def syntax(facts: Facts, settings: Settings) -> Effects:
    """Blanks, a carriage return, quotes, `https://` and `;` are mended in lists of private modules.

    Go takes each for a part of the pattern (golang.org/x/mod/module, MatchPrefixPatterns), which then matches nothing:
    the private path goes to the public proxy.
    """
    for name in ("GOPRIVATE", "GONOPROXY", "GONOSUMDB"):
        before = facts.variables.get(name)
        if before and _FOREIGN.search(before):
            patterns = [_AROUND.sub("", part) for part in re.split("[,;]", before)]
            after = ",".join(pattern for pattern in patterns if pattern)
            yield name, after or None, "as written it matches no module"

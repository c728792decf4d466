"""Which modules are private."""

from __future__ import annotations

import re

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

_FOREIGN = re.compile(r"[\s\"';]|://")
_SCHEMES = re.compile(r"^([A-Za-z+.-]+://\s*)+")
_AROUND = " \t\r\n\v\f\"'"


@rule("private-syntax", "GOPRIVATE GONOPROXY GONOSUMDB", "everywhere")
def syntax(facts: Facts, settings: Settings) -> Effects:
    """Blanks, a carriage return, quotes, `https://` and `;` are mended in lists of private modules.

    Go takes each for a part of the pattern (golang.org/x/mod/module, MatchPrefixPatterns), which then matches nothing:
    the private path goes to the public proxy.
    """
    for name in ("GOPRIVATE", "GONOPROXY", "GONOSUMDB"):
        before = facts.variables.get(name)
        if before and _FOREIGN.search(before):
            parts = re.split("[,;]", before.strip(_AROUND))
            patterns = [_SCHEMES.sub("", part.strip(_AROUND)).strip(_AROUND) for part in parts]
            after = ",".join(pattern for pattern in patterns if pattern)
            yield name, after or None, "as written it matches no module"

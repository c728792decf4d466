"""What the signs make of a text, and texts that real machines gave: the samples."""

from __future__ import annotations

import os

from goshim.watch import signs

SIGNS = signs.load()
SAMPLES = os.path.join(os.path.dirname(__file__), "samples")
CACHE = "/mnt/c/Users/Jo Doe/go/pkg/mod/cache/download/github.com/a/b/@v"
URL = "https://proxy.golang.org/github.com/a/b/@v/v1.0.0.zip"


def blocks(name: str) -> list[tuple[str, str]]:
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        split = [block.partition("\n") for block in file.read().split("\n---\n")]
    return [(source.removeprefix("# source: "), text) for source, _, text in split]


def findings(text: str) -> list[signs.Finding]:
    lines = text.split("\n")
    raw = signs.json_texts(lines) if text.startswith("{") else lines
    return list(signs.judge(signs.error_lines(raw), SIGNS))


def decided(text: str) -> signs.Finding:
    found = signs.decisive(findings(text))
    assert found is not None, text
    return found


# The texts of these are those of a lock: that the path is not go's to retry, or that nothing can be made there, shows
# on the disk alone. The gate decides that, not the signs.
FOR_THE_GATE = (
    "gohugoio/hugo#12956",
    "captured go1.27.3 as uid 1000",
    "golang/go#32605",
    "rfjakob/gocryptfs#733",
)
# Go goes on after these, and may exit 0.
WARNINGS = ("gravitational/teleport#6354",)

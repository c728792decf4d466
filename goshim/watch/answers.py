"""Whether a host whose TLS handshakes fail gave this call anything: if so, nothing in between refuses them for good."""

from __future__ import annotations

import os
import re

from goshim.watch.diagnosis import Diagnosis
from goshim.watch.signs import Finding

# net/http tells what fails after an answer began as that of reading it, and so does cmd/go/internal/web of a status.
_OF_AN_ANSWER = re.compile(r'\bread(?:ing)? "?https?:/|\bThe requested URL returned error: \d')
_UNFINISHED = (".lock", ".partial", ".tmp")  # cmd/go/internal/modfetch/cache.go: made before anything comes


def hosts(diagnosis: Diagnosis) -> set[str]:
    """The hosts that answered, though what they said was a fault."""
    return {
        finding.host
        for finding in diagnosis.findings
        if finding.sign.id == "http2" or _OF_AN_ANSWER.search(finding.line)
    }


def unanswered(diagnosis: Diagnosis) -> str:
    """The host that ended a handshake, as far as that can be told: who gives a module's zip gave its go.mod before."""
    finding = diagnosis.finding
    if diagnosis.kind != "handshake" or finding is None:
        return ""
    if ".zip" in finding.line and finding.sign.id != "handshake-timeout":
        return ""
    return finding.host


def came(finding: Finding, cache: str, since_s: float) -> bool:
    """Whether the host of a finding put anything into the module cache since a time (seconds of time.time).

    A module proxy, which asks for files below /@v/ (go.dev/ref/mod#goproxy-protocol), gives any module; another host
    those that are named by it. What is only just being made does not count.
    """
    downloads = f"{cache}/cache/download"
    if "/@" in finding.line or "/sumdb/" in finding.line:
        return _has_newer(downloads, since_s)
    return any(_has_newer(f"{downloads}/{each}", since_s) for each in (finding.host, f"sumdb/{finding.host}"))


def _has_newer(place: str, since_s: float) -> bool:
    for directory, _, names in os.walk(place):
        if _changed_s(directory) >= since_s and any(
            _changed_s(f"{directory}/{name}") >= since_s for name in names if not name.endswith(_UNFINISHED)
        ):
            return True
    return False


def _changed_s(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0

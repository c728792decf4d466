"""What has changed in a project file since it was trusted."""

from __future__ import annotations

import difflib
import shlex

from goshim.base.encoding import to_text
from goshim.base.redaction import redact
from goshim.base.terminal import printable, visible
from goshim.settings import trust_records
from goshim.settings.file import ConfigFile
from goshim.settings.trust_records import Record

MOST_NAMED = 10


def message(file: ConfigFile, record: Record) -> str:
    """Why go does not run: the file was trusted with other bytes. Names the keys that changed."""
    changed = keys(file, record)
    what = ", ".join(changed[:MOST_NAMED]) or "no key, only comments or layout"
    if len(changed) > MOST_NAMED:
        what += f" and {len(changed) - MOST_NAMED} more"
    directory = file.path.rpartition("/")[0]
    place = f" {shlex.quote(directory)}" if directory.isprintable() else ""
    return (
        f"{printable(file.path)}: changed since you trusted it on {record.trusted[:10]}: {what}\n"
        f"  look at the change and trust the file again: goshim trust{place}\n"
        f"  or use only what needs no trust: goshim untrust{place}"
    )


def keys(file: ConfigFile, record: Record) -> list[str]:
    """The keys that were added, removed or changed since the record was made, each with which of these."""
    try:
        old, new = record.digests(), trust_records.digests(file.data, record.sha256)
    except (ValueError, RecursionError):
        return ["it cannot be compared by keys"]
    if not old:
        return ["which keys is not known any more"]
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            found.append(f"{name} removed")
        elif name not in old:
            found.append(f"{name} added")
        elif old[name] != new[name]:
            found.append(f"{name} changed")
    return found


def diff(before: str, file: ConfigFile) -> list[str]:
    """The lines that differ from the trusted text, as a unified diff, without what is secret in them."""
    after = redact(to_text(file.data))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "trusted", "now", lineterm="", n=2)
    return [visible(line, "") for line in lines]

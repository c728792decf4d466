"""What is said of watched calls: each a line or a paragraph, on stderr, beginning with `goshim:`."""

from __future__ import annotations

import os

from goshim.secrets import printable, scrub
from goshim.watch import holders
from goshim.watch.call import Call
from goshim.watch.diagnosis import Diagnosis
from goshim.watch.gate import Gate

OF_A_HANDSHAKE = (
    "the connection ended in the TLS handshake, twice, before any byte came back. Middleboxes do so that can't take a"
    " ClientHello of more than one packet, which post-quantum keys make of it: try `GODEBUG=tlsmlkem=0 go …` (go 1.24"
    " and later; tlskyber=0 in 1.23). If that helps, the box between you and the server needs an update."
)  # https://go.dev/doc/godebug; https://tldr.fail

_NAMES = {"lock": "locked", "network": "network fault", "handshake": "TLS handshake", "permanent": "permanent error"}


def retrying(diagnosis: Diagnosis, gate: Gate, left_s: float) -> str:
    """The line that tells of an incident when it begins."""
    what = printable(scrub(diagnosis.what))
    if diagnosis.kind == "lock":
        mount = gate.mount(diagnosis.what)
        where = f" ({mount.type})" if mount and mount.is_lock_prone else ""
        return f"goshim: {what} is held by another program{where}: trying again, waiting {left_s:.0f} s at most\n"
    return f"goshim: {what}: {reason(diagnosis)}: trying again, waiting {left_s:.0f} s at most\n"


def waiting(diagnosis: Diagnosis, attempt: int, left_s: float, waited_s: float) -> str:
    """The line on a terminal during a wait, without an end."""
    what = printable(os.path.basename(diagnosis.what) if diagnosis.kind == "lock" else scrub(diagnosis.what))
    return f"goshim: {what}: attempt {attempt} in {left_s:.1f} s, {waited_s:.0f} s waited so far"


def lost(diagnosis: Diagnosis, call: Call, gate: Gate, attempts: int, waited_s: float) -> str:
    """The paragraph after the last attempt: what failed, how long it was tried, what would mend it."""
    lines = []
    if attempts > 1:
        kind = _NAMES.get(diagnosis.kind, "an error that no retry mends")
        what = f"{printable(scrub(diagnosis.what))} ({kind})" if diagnosis.what else kind
        lines.append(f"go {call.verb} failed: {what}, after {attempts} attempts and {waited_s:.1f} s of waiting.")
    if remedy := diagnosis.remedy or _remedy(diagnosis, gate):
        lines += [remedy]
    return "goshim: " + "\n  ".join(lines) + "\n" if lines else ""


def silent(call: Call, code: int) -> str:
    """What is said where go failed without a word."""
    if code < 0:
        import signal

        name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
        cause = " Where memory is short the kernel does so: `dmesg | tail` tells." if code == -signal.SIGKILL else ""
        return (
            f"goshim: go {call.verb} was ended by {name}, which did not come through goshim, and said nothing.{cause}\n"
        )
    return (
        f"goshim: go {call.verb} ended with exit code {code} and said nothing. `GOSHIM=off go {call.verb} -x` runs it"
        " without goshim and shows each step.\n"
    )


def stalled(text: str) -> str:
    """The line that tells that nothing moves."""
    return f"goshim: {text}\n"


def reason(diagnosis: Diagnosis) -> str:
    """The end of go's own line, which says what happened."""
    line = diagnosis.finding.line if diagnosis.finding else ""
    return printable(scrub(line.rpartition(": ")[2]))


def _remedy(diagnosis: Diagnosis, gate: Gate) -> str:
    if diagnosis.kind == "lock":
        return _of_a_lock(diagnosis.what, gate)
    if diagnosis.kind in ("network", "handshake"):
        settings = "retry.network_tries and retry.network_budget_s allow more"
        return f"go tells: {reason(diagnosis)}. Run it again later: what is complete is kept. {settings}."
    return ""


def _of_a_lock(path: str, gate: Gate) -> str:
    users = [each.words for each in holders.users_of(path)]
    held = f"Held by {', '.join(users[:3])}. " if users else ""
    if not users and not gate.is_native(path):
        held = "Who holds it can't be seen from here; on Windows a virus scanner, an indexer or an editor does. "
    mount = gate.mount(path)
    if mount and mount.is_lock_prone and gate.holds(path):
        mends = (
            'with `module_cache.location = "native"` in ~/.config/goshim/config.toml goshim does that'
            if mount.is_windows
            else "`go env -w GOMODCACHE=DIRECTORY` does that"
        )
        return f"{held}Best keep the module cache on Linux's own disk, where none of them sees it: {mends}."
    return f"{held}Close what uses it, or give it more time: retry.lock_budget_s."

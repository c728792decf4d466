"""What is said of watched calls: each a line or a paragraph, on stderr, beginning with `goshim:`."""

from __future__ import annotations

from goshim.base.redaction import redact
from goshim.base.terminal import printable
from goshim.watch import holders
from goshim.watch.call import Call
from goshim.watch.diagnosis import Diagnosis
from goshim.watch.gate import Gate

OF_A_HANDSHAKE = (
    "the connection ended in the TLS handshake, twice, before any byte came back. Middleboxes do so that can't take a"
    " ClientHello of more than one packet, which post-quantum keys make of it: try `GODEBUG=tlsmlkem=0 go …` (go 1.24"
    " and later; tlskyber=0 in 1.23). If that helps, the box between you and the server needs an update."
)  # https://go.dev/doc/godebug; https://tldr.fail

_NAMES = {
    "lock": "locked",
    "network": "network fault",
    "handshake": "TLS handshake",
    "permanent": "no retry mends it",
}


def retrying(diagnosis: Diagnosis, gate: Gate, left_s: float) -> str:
    """The line that tells of an incident when it begins."""
    if diagnosis.kind != "lock":
        what, reason = _what(diagnosis), _reason(diagnosis)
        return f"goshim: {what if reason in what else f'{what}: {reason}'}; trying again\n"
    end = f"; trying again for up to {left_s:.0f} s"
    mount = gate.mount(diagnosis.what)
    where = f" (on {mount.type}: {_reason(diagnosis)})" if mount and mount.is_lock_prone else f" ({_reason(diagnosis)})"
    return f"goshim: {_what(diagnosis)} is held by another program{where}{end}\n"


def waiting(diagnosis: Diagnosis, attempt: int, left_s: float, waited_s: float) -> str:
    """The line on a terminal during a wait, without an end."""
    return f"goshim: attempt {attempt} in {left_s:.1f} s ({waited_s:.0f} s waited): {_what(diagnosis)}"


def lost(diagnosis: Diagnosis, call: Call, gate: Gate, attempts: int, waited_s: float) -> str:
    """The paragraph after the last attempt: what failed of what, how long it was tried, what would mend it.

    None for an error of no known kind: what was tried again is over, and of the rest go has said all.
    """
    if diagnosis.finding is None:
        return ""
    remedy = diagnosis.remedy or _remedy(diagnosis, gate)
    if attempts == 1:
        return f"goshim: {remedy}\n" if remedy else ""
    lines = [
        f"go {call.verb} failed on {_what(diagnosis)}",
        f"{_NAMES[diagnosis.kind]}: {_reason(diagnosis)}, after {attempts} attempts and {waited_s:.1f} s of waiting",
    ]
    return "goshim: " + "\n  ".join([*lines, *([remedy] if remedy else [])]) + "\n"


def silent(call: Call, code: int) -> str:
    """What is said where go failed without a word."""
    if code < 0:
        import signal

        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        cause = " Where memory is short the kernel does so: `dmesg | tail` tells." if code == -signal.SIGKILL else ""
        return (
            f"goshim: go {call.verb} was ended by {name}, which did not come through goshim, and said nothing.{cause}\n"
        )
    return (
        f"goshim: go {call.verb} ended with exit code {code} and said nothing. `GOSHIM=off go {call.verb} -x` runs it"
        " without goshim and shows each step.\n"
    )


def _what(diagnosis: Diagnosis) -> str:
    host = diagnosis.finding.host if diagnosis.finding and not diagnosis.finding.path else ""
    source = f" from {host}" if host and host not in diagnosis.what else ""
    return printable(redact(diagnosis.what + source))


def _reason(diagnosis: Diagnosis) -> str:
    """The end of go's own line, which says what happened."""
    line = diagnosis.finding.line if diagnosis.finding else ""
    return printable(redact(line.rpartition(": ")[2]))


def _remedy(diagnosis: Diagnosis, gate: Gate) -> str:
    if diagnosis.kind == "lock":
        return _of_a_lock(diagnosis.what, gate)
    if diagnosis.retry_after_s:
        return (
            f"The server asks to wait {diagnosis.retry_after_s:.0f} s; retry.network_budget_s is how long goshim would."
        )
    if diagnosis.kind in ("network", "handshake"):
        return (
            "Run it again later; what is complete is kept. More patience: retry.network_tries, retry.network_budget_s."
        )
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
        if gate.is_native("/"):
            return f"{held}Best keep the module cache on Linux's own disk, where none of them sees it: {mends}."
        return f"{held}WSL1 has no disk that they don't see, WSL2 has. Here more time may do: retry.lock_budget_s."
    return f"{held}Close what uses it, or give it more time: retry.lock_budget_s."

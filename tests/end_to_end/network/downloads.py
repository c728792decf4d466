"""A project whose modules a proxy serves, and what is seen of their download."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

from tests.end_to_end.generated_modules import modules, write_project
from tests.end_to_end.machine import documents

DOWNLOAD = ("mod", "download")
ZIP = "*/m01/*.zip"
FILLER = 20_000  # bytes that make a zip too large for one segment


def against(proxy, user):
    """Settings that make go fetch from this proxy."""
    authority = {"SSL_CERT_FILE": proxy.write_authority(user.root / "authority.pem")} if proxy.tls else {}
    return {"GOPROXY": proxy.url, **authority}


def needing(user, count=3, packages=1):
    """Modules, and a project in the working directory that needs them."""
    needed = modules(count, FILLER)
    write_project(user.work, needed, packages)
    return needed


def last_words(done):
    """All that is said from goshim's last word on, but for what is go's."""
    lines = done.message.splitlines(keepends=True)
    ours = [number for number, line in enumerate(lines) if line.startswith("goshim: ")]
    return "".join(line for line in lines[ours[-1] :] if not line.startswith("go: ")) if ours else ""


def is_complete(user):
    """Whether all that the project needs is in the module cache, as go.sum has it."""
    bare = {"GOPROXY": "off", "GOFLAGS": ""}
    return [user.bare("mod", verb, env=bare).code for verb in ("download", "verify")] == [0, 0]


def incidents(user):
    """What the journal has."""
    return documents((user.home / ".local/state/goshim/journal.jsonl").read_text())


@contextlib.contextmanager
def started(user, *args, env):
    """A call that goes on meanwhile; it is killed at the end if need be."""
    # The handlers of this process are not passed on, that a signal is ignored would be.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [os.fspath(arg) for arg in (*user.shelter, user.launcher, *args)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=user.with_env(env), cwd=user.work, **pipes) as process:
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            process.kill()

"""`goshim exec`: any program in the environment that go would get."""

from __future__ import annotations

import os
import signal

from goshim.base.encoding import to_bytes
from goshim.base.errors import CannotRunError, GoshimError, UsageError
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session
from goshim.facts.host import Host


class CommandNotFoundError(GoshimError):
    """No program of that name."""

    exit_code = 127


class Exec(Command):
    """Run a program in the environment that go would get here: goshim exec -- make test."""

    def main(self, *command: str) -> int:
        """Become the program."""
        if not command:
            raise UsageError("exec needs a command\n  goshim exec -- CMD [ARG…]")
        session = Session.here()
        environment = session.plan().environment(session.environment)
        path = find(command[0], environment.get("PATH", os.defpath), session.host)
        for number in (
            signal.SIGPIPE,
            signal.SIGXFSZ,
        ):  # Python ignores both, and a program it becomes would inherit that
            signal.signal(number, signal.SIG_DFL)
        try:
            variables = {to_bytes(name): to_bytes(value) for name, value in environment.items()}
            os.execve(os.fsencode(path), [os.fsencode(word) for word in command], variables)
        except OSError as error:
            raise CannotRunError(f"{printable(path)}: {error.strerror}") from None


def find(name: str, path: str, host: Host) -> str:
    """The program that a shell would run under this name, which is no clone's own.

    As in the search for go, entries of PATH that are relative, empty, or lead through /proc are skipped: what they name
    depends on the working directory. Raises CommandNotFoundError, CannotRunError.
    """
    candidates = [name] if "/" in name else [f"{entry}/{name}" for entry in path.split(":") if entry.startswith("/")]
    present = [
        each
        for each in candidates
        if os.path.exists(each) and ("/" in name or (os.path.isfile(each) and host.is_fixed(each)))
    ]
    for each in present:
        if os.path.isfile(each) and os.access(each, os.X_OK):
            return each
    if present:
        raise CannotRunError(f"{printable(present[0])}: not an executable file")
    raise CommandNotFoundError(
        f"{printable(name)}: not found on PATH\n"
        "  entries that are relative, empty, or lead through /proc are not searched"
    )

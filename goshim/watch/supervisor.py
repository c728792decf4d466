"""Running go as a child that nobody notices: its output goes on as it comes, signals reach it, its end becomes ours."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator

from goshim.base.terminal import visible
from goshim.watch import process
from goshim.watch.call import Call
from goshim.watch.spool import Spool, read_again, split

_CHUNK_BYTES = 4096  # what a pipe that is ready for any takes without blocking: pipe(7), PIPE_BUF
_LOOK_EVERY_S = 2.0
_FULL_PIPE_CHUNKS = 256

Filter = Callable[[bytes], bytes]  # what is shown of the next bytes; of none: of what is left
Look = Callable[[int], bool]


class Ended:
    """How an attempt ended: exit code, or the signal as a negative number; and what it wrote."""

    def __init__(self, code: int, stderr: Spool, stdout: int | None) -> None:
        """Keep what was captured; `stdout` is a file, or None where it was not held back."""
        self.code = code
        self.stderr = stderr
        self.stdout = stdout

    @property
    def said_anything(self) -> bool:
        """Whether it gave any reason; what was not held back of stdout can't be known."""
        return self.stderr.size > 0 or (self.stdout is not None and os.fstat(self.stdout).st_size > 0)

    def stdout_lines(self) -> Iterator[str]:
        """The lines of stdout, where it was held back."""
        return iter(()) if self.stdout is None else split(read_again(self.stdout))

    def close(self) -> None:
        """Let the captured output go."""
        self.stderr.close()
        if self.stdout is not None:
            os.close(self.stdout)
            self.stdout = None


class Supervisor:
    """Runs attempts one after the other, and waits between them, always ready for a signal.

    Signals are held back only then: whatever else we do, they do to us what they do to go.
    """

    def __init__(self) -> None:
        """Make ready for signals. Raises OSError."""
        self._signals = process.Signals()
        self._child = 0
        self._status: int | None = None
        self._outputs: dict[int, int] = {}
        self._in_a_line = False
        self.forwarded = 0  # the last signal that asked the call to end
        self.before_stop: Callable[[], None] = _nothing

    def run(self, call: Call, *, relay: Filter | None, look: Look | None = None) -> Ended:
        """Run the call once; what it writes to stderr goes through `relay` to ours, or nowhere for None.

        Every 2 s `look` is called with the child's process number; when it says so the child is ended.
        """
        stdout = os.memfd_create("stdout") if call.keeps_stdout else None  # a disk may be full, and go would not care
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        self._signals.hold()
        self._child, self._status = process.start(call, self._signals, stdout, writing), None
        os.close(writing)
        stderr = Spool()
        try:
            code = self._attend(reading, stderr, relay, look)
        except Exception as error:
            from goshim.base import daily

            code = self._attend_plainly(reading, None if call.is_silent else 2)
            daily.warn(call.environment, f"{type(error).__name__}: {error}")
            if not call.is_silent:  # after one that nobody asked for the call is still to be made
                self.finish(Ended(code, stderr, stdout))
            raise
        os.close(reading)
        self._signals.release()
        return Ended(code, stderr, stdout)

    def wait(self, seconds: float, tell: Callable[[float], None] | None = None, every_s: float = 1.0) -> None:
        """Wait, and `tell` now and then how many seconds are left. A signal that would end go ends us."""
        self._signals.hold()
        deadline = time.monotonic() + seconds
        while (left_s := deadline - time.monotonic()) > 0:
            if tell:
                tell(left_s)
            self._until_ready({}, min(deadline, time.monotonic() + every_s) if tell else deadline)
        self.before_stop()
        self._signals.release()

    def finish(self, ended: Ended) -> None:
        """Show what was held back of stdout, and end as the attempt did."""
        if ended.stdout is not None:
            for chunk in read_again(ended.stdout):
                self._write(1, chunk)
        if ended.code < 0:
            process.die_by(-ended.code)
        os._exit(ended.code)

    def say(self, text: str, control: str = "") -> None:
        """Write to stderr; if nobody reads it, end as go would. `control` goes before it to the terminal, as it is."""
        start = "\n" if self._in_a_line and not control else ""
        self._write(2, f"{control}{start}{visible(text)}".encode())

    def _attend(self, reading: int, stderr: Spool, relay: Filter | None, look: Look | None) -> int:
        looked, events = time.monotonic(), {reading: select.POLLIN}
        while (status := self._reap()) is None:
            self._until_ready(events, looked + _LOOK_EVERY_S if look else None)
            if self._take(reading, stderr, relay) == b"":
                events = {}  # it closed its stderr, and goes on
            if look and self._reap() is None and time.monotonic() >= looked + _LOOK_EVERY_S:
                looked = time.monotonic()
                if look(self._child):
                    self._end_all()
        for _ in range(_FULL_PIPE_CHUNKS):  # what it left there; a grandchild that keeps it open is not waited for
            if not self._take(reading, stderr, relay):
                break
        if relay is not None:
            self._write(2, relay(b""))
        return os.waitstatus_to_exitcode(status)

    def _end_all(self) -> None:
        """End the child and all below it: go takes no git along, nor git its helpers."""
        from goshim.watch.stall import family  # needed where something stood still

        for each in family(self._child):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGTERM)

    def _attend_plainly(self, reading: int, output: int | None) -> int:
        """The same where that failed: nothing but what go must have to end well."""
        self._signals.release()
        os.set_blocking(reading, True)
        while data := os.read(reading, _CHUNK_BYTES):
            if output is not None:
                os.write(output, data)
        if self._status is None:
            self._status = os.waitpid(self._child, 0)[1]
        return os.waitstatus_to_exitcode(self._status)

    def _take(self, reading: int, stderr: Spool, relay: Filter | None) -> bytes | None:
        """What go wrote to stderr: None for nothing yet, empty for nothing more."""
        try:
            data = os.read(reading, _CHUNK_BYTES)
        except BlockingIOError:
            return None
        stderr.write(data)
        if relay is not None and data:
            self._write(2, relay(data))
        return data

    def _reap(self) -> int | None:
        """The child's status if it has ended; from then on signals are for us alone."""
        if self._status is None:
            done, status = os.waitpid(self._child, os.WNOHANG)
            if done:
                self._child, self._status = 0, status
        return self._status

    def _write(self, descriptor: int, data: bytes) -> None:
        """Write to a descriptor that others use as well, so that it may block, and still be ready for signals."""
        output = self._output(descriptor)
        if data:
            self._in_a_line = not data.endswith(b"\n") and not data.startswith(b"\r")
        while data:
            was_ended = self.forwarded and self._reap() is not None
            if not self._until_ready({output: select.POLLOUT}, 0 if was_ended else None):
                if was_ended:
                    return  # and nobody reads what it said
                continue
            try:
                data = data[os.write(output, data[:_CHUNK_BYTES]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                if self._child:
                    os.kill(self._child, signal.SIGPIPE)
                process.die_by(signal.SIGPIPE)
            except OSError:
                return  # a full disk, or closed from the start: go does not care either

    def _output(self, descriptor: int) -> int:
        if descriptor not in self._outputs:
            self._outputs[descriptor] = process.not_blocking(descriptor)
        return self._outputs[descriptor]

    def _until_ready(self, events: dict[int, int], deadline: float | None = None) -> bool:
        """Wait for one of the events, the deadline, or a change of the child. Says whether one of the events came."""
        poll = select.poll()
        for descriptor, event in {self._signals.descriptor: select.POLLIN, **events}.items():
            poll.register(descriptor, event)
        left_s = None if deadline is None else max(deadline - time.monotonic(), 0)
        ready = dict(poll.poll(None if left_s is None else left_s * 1000 + 1))
        if ready.pop(self._signals.descriptor, 0):
            self._act_on_signals()
        return bool(ready)

    def _act_on_signals(self) -> None:
        for received in self._signals.read():
            if received.number == signal.SIGCHLD:
                continue
            if self._child and not received.reached_all:
                os.kill(self._child, received.number)
            if received.number == signal.SIGTSTP:
                self.before_stop()
                process.stop_ourselves()
            elif received.number in process.ENDING:
                self.forwarded = received.number
                if not self._child:
                    self.before_stop()
                    process.die_by(received.number)


def _nothing() -> None:
    pass

"""What of a call bash can't do: the cold path, and the supervisor of downloads.

Where no plan fits, the launcher runs this and acts on what it prints, in bash. An answer ends in exec or exit; where it
does not, because anything here went wrong, the launcher says so once a day and runs the next go.
With `watch` a plan becomes this process for good, so here whatever goes wrong must end in go as well.
"""

from __future__ import annotations

import os
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


CPU_LIMIT_S = 10
TIME_LIMIT_S = 120
MEMORY_LIMIT_BYTES = 256 << 20
"""What the cold path may use. It needs 0.2 s and 40 MB; more is what a hostile file would make of it."""


def main(arguments: list[str]) -> str:
    """Answer a call: the launcher's path, the name it has for a plan, project, directory; then the arguments for go."""
    from goshim.base.encoding import to_text
    from goshim.call import context

    launcher, name, project, directory, *rest = (to_text(os.fsencode(argument)) for argument in arguments)
    environment = context.environment()
    if not directory:  # a name to resolve first, which no plan can do again
        name, directory = "", context.directory(environment, rest)
        project = context.project(environment, directory)
    try:
        return _answer(environment, directory, None if project == context.NO_PROJECT else project, launcher, name)
    except Exception as error:
        if project == context.NO_PROJECT or _is_own(error):
            raise
        return _refusal(project, error)


def _answer(environment: dict[str, str], directory: str, project: str | None, launcher: str, name: str) -> str:
    from goshim.base import store as stores
    from goshim.base.errors import GoshimError
    from goshim.base.shells import quoted
    from goshim.base.terminal import visible
    from goshim.facts.host import Host, Recorder
    from goshim.plan import keep, render, seal
    from goshim.plan.work_out import work_out

    host = Recorder(Host(environment, directory))
    store, token = stores.of(environment), seal.of(launcher)
    try:
        plan = work_out(host, store, project, launcher, token)
    except GoshimError as error:
        return _end(str(error), error.exit_code)
    if host.environment.get("GOSHIM_VERBOSE") == "1":
        lines = quoted("".join(f"goshim: {visible(line, '')}\n" for line in plan.told()))
        return f"printf %s {lines} >&2\n{render.actions(plan)}"
    if name:
        keep.keep(store, name, plan, host, token)
    return render.actions(plan)


def _is_own(error: Exception) -> bool:
    """Whether goshim's own code could not be loaded, which no project file can bring about."""
    trace, frames = error.__traceback__, []
    while trace:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    return isinstance(error, (ImportError, SyntaxError)) or "<module>" in frames


def _refusal(project: str, error: Exception) -> str:
    """The answer where something failed under a project file: go must not run as if there were no config at all.

    Whoever brings a file at which goshim fails would turn off the user's own config with it.
    """
    from goshim import PROJECT_FILE
    from goshim.base.errors import ConfigError
    from goshim.base.terminal import printable

    if os.environ.get("GOSHIM_DEBUG"):
        import traceback

        traceback.print_exc()
    text = (
        f"{printable(project.rstrip('/'))}/{PROJECT_FILE}: goshim failed while this file was in force:"
        f" {printable(_described(error))}\n"
        "  fix or remove the file; GOSHIM=off runs go without goshim; GOSHIM_DEBUG=1 shows where it failed"
    )
    return _end(text, ConfigError.exit_code)


def _end(message: str, code: int) -> str:
    from goshim.base.redaction import redact
    from goshim.base.shells import quoted
    from goshim.base.terminal import visible

    return f"printf '%s\\n' {quoted(visible(redact(f'goshim: {message}')))} >&2\nexit {code}\n"


def _limit_resources() -> None:
    """Have the kernel end what takes too long or too much; the launcher says why go did not run."""
    import resource

    for number, timer, limit_s in (
        (signal.SIGPROF, signal.ITIMER_PROF, CPU_LIMIT_S),
        (signal.SIGALRM, signal.ITIMER_REAL, TIME_LIMIT_S),
    ):
        signal.signal(number, signal.SIG_DFL)
        signal.setitimer(timer, limit_s)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard == resource.RLIM_INFINITY or hard > MEMORY_LIMIT_BYTES:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, hard))


def watch(how: str, launcher: str, words: list[str]) -> None:
    """Supervise a call of go through the launcher at a path.

    `words` are the settings, the ignored signals, the real go, and the arguments for it.

    Does not return. Whatever goes wrong before go has run, go runs; it is told once a day.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        if how == "prefetch":
            from goshim.watch import prefetch

            prefetch.run(words, launcher)
        from goshim.watch import watched

        watched.run(words)
    except Exception as error:  # noqa: BLE001 - go runs whatever is wrong
        _tell(error)
    ignored = int(words[1], 16) if words[1].strip("0123456789abcdef") == "" != words[1] else 0
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGUSR1, signal.SIGUSR2):  # ignored by Python or us
        signal.signal(number, signal.SIG_IGN if ignored >> (number - 1) & 1 else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with open("/proc/self/environ", "rb") as file:  # Python adds to its own
        pairs = [entry.split(b"=", 1) for entry in file.read().split(b"\0")]
    try:
        os.execve(words[2], words[2:], {pair[0]: pair[1] for pair in pairs if len(pair) > 1})
    except OSError as error:
        print(f"goshim: {_in_a_line(words[2])}: {error.strerror}", file=sys.stderr)  # noqa: T201
        sys.exit(126)


def _tell(error: Exception) -> None:
    if os.environ.get("GOSHIM_DEBUG"):
        import traceback

        traceback.print_exc()
    try:
        from goshim.base import daily

        daily.warn(os.environ, _described(error))
    except Exception as another:  # noqa: BLE001 - what tells it may be broken as well
        faults = f"{_described(error)}; {_described(another)}"
        print(f"goshim: {faults}; go runs without it", file=sys.stderr)  # noqa: T201


def _described(error: Exception) -> str:
    return _in_a_line(" ".join(f"{type(error).__name__}: {error}".split()))


def _in_a_line(text: str) -> str:
    """The text with escapes for what is not seen; goshim.base.terminal does it better, but may be what is broken."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if sys.argv[1:2] == ["watch"]:
        watch(sys.argv[2], sys.argv[3], sys.argv[4:])
    _limit_resources()
    try:
        answer = main(sys.argv[1:])
    except Exception as error:
        if os.environ.get("GOSHIM_DEBUG"):
            raise
        answer = "why=$'" + "".join(f"\\{byte:03o}" for byte in _described(error).encode("utf-8", "replace")) + "'\n"
    sys.stdout.buffer.write(answer.encode("ascii"))

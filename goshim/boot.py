"""The cold path: what the launcher runs where no plan fits. It answers on stdout, in bash for the launcher to act on.

An answer ends in exec or exit. Where it does not, because anything here went wrong, the launcher says so once a day and
runs the next go: so nothing here need be caught but for the reason to be told.
"""

from __future__ import annotations

import os
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main(arguments: list[str]) -> str:
    """Answer a call: the launcher's path, the name it has for a plan, project, directory; then the arguments for go."""
    from goshim import calls
    from goshim.errors import GoshimError
    from goshim.facts.host import Host, Recorder, to_text
    from goshim.plan import keep, render
    from goshim.plan.work_out import work_out
    from goshim.store import Store, locate

    launcher, name, project, directory, *rest = (to_text(os.fsencode(argument)) for argument in arguments)
    environment = calls.environment()
    if not directory:  # a name to resolve first, which no plan can do again
        name, directory = "", calls.directory(environment, rest)
        project = calls.project(environment, directory)
    host = Recorder(Host(environment, directory))
    store = Store(locate(environment))
    try:
        plan = work_out(host, store, None if project == calls.NO_PROJECT else project, launcher)
    except GoshimError as error:
        return f"printf '%s\\n' {render.quoted(f'goshim: {error}')} >&2\nexit {error.exit_code}\n"
    if host.environment.get("GOSHIM_VERBOSE") == "1":
        lines = render.quoted("".join(f"goshim: {line}\n" for line in plan.told()))
        return f"printf %s {lines} >&2\n{render.actions(plan)}"
    if name:
        keep.keep(store, name, plan, host)
    return render.actions(plan)


if __name__ == "__main__":
    try:
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        answer = main(sys.argv[1:])
    except Exception as error:
        if os.environ.get("GOSHIM_DEBUG"):
            raise
        text = " ".join(f"{type(error).__name__}: {error}".split())
        answer = "why=$'" + "".join(f"\\{byte:03o}" for byte in text.encode("utf-8", "replace")) + "'\n"
    sys.stdout.buffer.write(answer.encode("ascii"))

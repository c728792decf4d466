"""Keeping a plan where the launcher looks for it, in a file for each environment that calls."""

from __future__ import annotations

import os
import zlib

from goshim import __file__ as version_file
from goshim import __version__
from goshim.base.encoding import to_bytes
from goshim.base.shells import quoted
from goshim.base.store import Store
from goshim.facts.host import Recorder
from goshim.plan import render, seal
from goshim.plan.redaction import redacted_answers
from goshim.plan.work_out import Plan

PLANS_OF_ONE_SHAPE = 32  # environments alike in project and lengths; the launcher tries each in turn


def keep(store: Store, base: str, plan: Plan, recorder: Recorder, token: str) -> bool:
    """Write the plan under `base`, the path that the launcher made of the call. Says whether later calls have it.

    `token` is the launcher's; nothing is written without one.
    """
    if not token or not recorder.repeatable or not store.directory or not base.startswith(f"{store.directory}/"):
        return False
    try:
        apart = recorder.apart.answers if recorder.apart.repeatable else None
        text = render.guarded(plan, recorder.answers, standing_guard(store), apart)
    except render.UnrenderableError:
        return False
    name = base.removeprefix(f"{store.directory}/")
    answers = redacted_answers({**recorder.answers, **recorder.apart.answers})
    environment = [item for item in answers.items() if _is_of_environment(*item[0])]
    suffix = zlib.crc32(to_bytes(repr(sorted(environment))))
    store.keep_newest(f"{name}.", PLANS_OF_ONE_SHAPE - 1)
    written = store.write(f"{name}.{suffix:08x}", seal.sealed(text, token).encode("ascii"))
    store.sweep()
    return written


def _is_of_environment(kind: str, subject: str) -> bool:
    """Whether an answer differs from caller to caller: variables, and the mounts of their mount namespace."""
    return kind in ("variable", "names", "mount") or subject.startswith("/proc/")


def standing_guard(store: Store) -> str:
    """That goshim is as it was, and that nobody has opened the store to others since."""
    return f"[[ -k $store ]] && {version_guard()}" if store.is_sticky else version_guard()


def version_guard() -> str:
    """That goshim is as it was, by the directory that installers name after the version, or by its own file."""
    installed = f"{os.path.dirname(os.path.dirname(version_file))}/goshim-{__version__}.dist-info"
    if os.path.isdir(installed):
        return f"[[ -d {quoted(installed)} ]]"
    with open(version_file, encoding="utf-8") as file:
        return f"same {quoted(version_file)} {quoted(file.read())}"

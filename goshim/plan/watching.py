"""Which calls are supervised and how patiently: those that fetch, above all where files can be locked or in CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from goshim.call.arguments import BUILDING, DOWNLOADING, RUNNING
from goshim.facts import Machine, go_env_file, module_cache
from goshim.facts.host import Host
from goshim.facts.mounts import MountTable
from goshim.rules.rule import Change
from goshim.settings.model import Retry, Settings


@dataclass(frozen=True)
class Watch:
    """The verbs that are run by the supervisor: again after a failure, or once, with what they need fetched before.

    `lock_prone` is whether others may hold files of the module cache.
    """

    repeated: tuple[str, ...] = DOWNLOADING
    prefetched: tuple[str, ...] = ()
    retry: Retry = field(default_factory=Retry)
    lock_prone: bool = False


def watch(host: Host, machine: Machine, settings: Settings, changes: Sequence[Change]) -> Watch:
    """What is watched. It is asked of the machine apart: only calls of these verbs depend on it."""
    retry = settings.retry
    apart = host.apart
    after = {change.variable: change.after for change in changes}
    lock_prone = _is_lock_prone(apart, machine, settings, after)
    careful = apart.environment.get("CI") in ("true", "1") or lock_prone
    prefetch = {"auto": careful, "always": True, "never": False}[retry.prefetch]
    return Watch(DOWNLOADING + BUILDING if careful else DOWNLOADING, RUNNING if prefetch else (), retry, lock_prone)


def _is_lock_prone(host: Host, machine: Machine, settings: Settings, after: Mapping[str, str | None]) -> bool:
    if settings.retry.locks != "auto":
        return settings.retry.locks == "always"
    variables = {
        name: value
        for name in ("GOMODCACHE", "GOPATH", "HOME")
        if (value := after[name] if name in after else host.environment.get(name))
    }
    cache = module_cache.locate(variables, go_env_file.read(host, machine.mounts), machine.mounts)
    if not cache.startswith("/"):
        return False
    host.mount(cache)  # stands for the mount table where no plan depends on that
    mounts = machine.mounts if machine.wsl else MountTable(host.mountinfo())
    owner = mounts.owner(host.resolved(cache))
    return owner is not None and owner.is_lock_prone

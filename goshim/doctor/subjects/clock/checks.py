"""Checks of the clock, of file times, and of SOURCE_DATE_EPOCH."""

from __future__ import annotations

from goshim.base.redaction import shown
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.clock import facts as clock
from goshim.doctor.subjects.clock.facts import EPOCH, Ahead, Daemon
from goshim.rules import epoch
from goshim.settings.model import LATEST_EPOCH_S

TOLD_S = 1
SYNCHRONISES_FROM_S = 5
CERTIFICATES_FAIL_FROM_S = 3600

_SHUTDOWN = Remedy(
    "restart WSL, which takes the time from Windows; it ends everything that runs in any distribution",
    "wsl.exe --shutdown",
    "powershell",
)
_UPDATE = Remedy("get a WSL that follows Windows' clock, 2.1.1 or newer", "wsl.exe --update", "powershell")
_RESYNC = Remedy("if it is Windows' clock that is wrong", "w32tm.exe /resync", "elevated")


@check("clock-drift", "clock")
def clock_drift(look: Look) -> Verdict:
    """The clock of WSL2 against that of Windows.

    With a wrong clock downloads fail: `x509: certificate has expired or is not yet valid`, and module proxies and
    clouds refuse signed requests. Files written from the other side lie in the future, and tests of time fail.

    Windows' clock is asked through one `powershell.exe`, five times; the answer that took the least time counts, and
    half of that time is the error bar. A difference is told only as far as it is larger than that:

    - over 1 s: info. The kernel corrects itself only from 5 s on (`hv_implicit_sync` in the WSL2 kernel's `hv_util.c`),
      so this comes and goes.
    - over 5 s: warn. WSL should have mended that.
    - over an hour: fail. Certificates usually become valid one hour before they were issued; from there on those fail
      that are new.

    Known in microsoft/WSL issues 4149, 4245, 5324, 8204 and 10006; WSL 2.1.1 brought the way by which the kernel
    follows Windows. `hwclock -s` is the remedy most often named and is not reliable (issues 7255 and 8204). A registry
    value `DisableHostClockSync` does not exist. WSL1 has no clock of its own.
    """
    kind = look(basics.machine).wsl
    if kind == "wsl1":
        return ok("WSL1 has no clock of its own: it is Windows' clock")
    if not kind:
        return skip("this is not WSL")
    found = look(clock.drift)
    measured = f"measured: {found.behind_s:+.3f} s, exact to {found.error_s:.3f} s"
    if found.certain_s <= TOLD_S:
        return ok(f"the clock agrees with Windows' to {abs(found.behind_s) + found.error_s:.2f} s", measured)
    side = "behind" if found.behind_s > 0 else "ahead of"
    summary = f"this clock is {_duration(abs(found.behind_s))} {side} Windows'"
    if found.certain_s <= SYNCHRONISES_FROM_S:
        return info(f"{summary}; WSL corrects it from {SYNCHRONISES_FROM_S} s on", measured)
    evidence = [measured]
    remedies = [_SHUTDOWN, _RESYNC]
    if not look(clock.is_synchronised_implicitly):
        evidence.append("the kernel does not follow Windows' clock: hv_utils.timesync_implicit is not on")
        remedies.insert(1, _UPDATE)
    say = fail if found.certain_s > CERTIFICATES_FAIL_FROM_S else warn
    return say(summary, *evidence, *_rivals(look), remedies=tuple(remedies))


@check("time-daemon-conflict", "clock")
def time_daemon_conflict(look: Look) -> Verdict:
    """Programs that set the clock by the network, next to what sets it already.

    WSL2 has its clock from Windows, and a chronyd outside of the distribution keeps it. A second program makes it step
    back and forth by up to a second: tests with times fail, and `make` and `go test` see files that are newer than now.

    The advice to turn systemd-timesyncd on in WSL is the wrong way round: microsoft/WSL issues 10006 and 11790,
    ubuntu/wsl-setup pull request 43 (`Disable timesyncd by default`), and Canonical's explanation of time
    synchronisation for WSL. As shipped its unit is skipped there (`ConditionVirtualization=!container`), so being
    enabled does no harm: only one that runs counts. The chronyd of WSL itself can't be seen from a distribution
    (microsoft/WSL src/linux/init/main.cpp, StartTimeSyncAgent). On other machines one such program is right, and two
    are not.
    """
    kind = look(basics.machine).wsl
    if kind == "wsl1":
        return ok("WSL1 has no clock of its own that a program could set")
    found = look(clock.daemons)
    evidence = [_running(each) for each in found]
    names = sorted({each.name for each in found})
    if kind == "wsl2":
        if not found:
            return ok("no time daemon runs here: the clock comes from Windows")
        if "systemd-timesyncd" in names:
            evidence += [f"its unit is changed by {printable(path)}" for path in look(clock.timesyncd_overrides)]
        runs = "runs" if len(names) == 1 else "run"
        summary = f"{' and '.join(names)} {runs} here, and the clock comes from Windows already"
        return warn(summary, *evidence, remedies=_ends(found))
    if len(names) > 1:
        others = tuple(each for each in found if each.name != found[0].name)
        return warn(f"{' and '.join(names)} set the same clock", *evidence, remedies=_ends(others))
    if names:
        return ok(f"{names[0]} keeps the clock", *evidence)
    if look(clock.is_kept):
        return ok("the kernel says that its clock is kept right, by a program that is not to be seen here")
    return info("no program that is known here keeps the clock right")


@check("clock-future-files", "clock")
def clock_future_files(look: Look) -> Verdict:
    """Files of the project and of go's caches whose times lie ahead of the clock by over a minute.

    They come from a clock that was ahead, or tell that this one is behind. Builds go by contents and stay right; but a
    test that opens such a file is run anew at each call, and `make` builds anew and warns of a clock skew.

    Looked at is what lies directly in the module's directory, in its `testdata`, in `cache/download` of the module
    cache and in the build cache. go refuses to keep the result of a test that opened a file which is not yet two
    seconds old (cmd/go/internal/test/test.go, `modTimeCutoff`); its Go files may be as new as they like.

    Worse is a `testexpire.txt` of the build cache that lies in the future: `go clean -testcache` writes the time there,
    and no test result from before it counts. It never lowers that time, so running it again does not help
    (cmd/go/internal/clean/clean.go). And a clock that is behind the time at which the toolchain itself was made is
    wrong for sure.
    """
    found = [each for each in look(clock.ahead) if each.count]
    evidence = [_listed(each) for each in found]
    now_ns = look(clock.now_ns)
    if (made_s := _toolchain_made_s(look)) > now_ns / 1e9:
        behind = _duration(made_s - now_ns / 1e9)
        return warn(
            f"this clock is at least {behind} behind: its own Go toolchain is newer than it",
            *evidence,
            remedies=_set_right(look(basics.machine).wsl),
            detail="With a clock that is behind, downloads fail: `x509: certificate has expired or is not yet valid`.",
        )
    ahead_s = _expiry_s(look) - now_ns / 1e9
    if ahead_s > clock.AHEAD_S:
        path = look(clock.expiry_path)
        return warn(
            "no test result is taken from the cache: `go clean -testcache` was run while the clock was ahead",
            f"{printable(path)} is {_duration(ahead_s)} ahead",
            *evidence,
            remedies=(
                Remedy(
                    "remove go's note of the time, and have it written anew",
                    f"rm -- {quoted(path)} && go clean -testcache",
                ),
            ),
        )
    if not found:
        return ok("no file of the project or of go's caches lies in the future")
    count = sum(each.count for each in found)
    return info(f"{count} {'file lies' if count == 1 else 'files lie'} in the future", *evidence)


@check("epoch-valid", "clock")
def epoch_valid(look: Look) -> Verdict:
    """SOURCE_DATE_EPOCH, if set, is a decimal integer from 0 to 253402300799.

    gcc stops at anything else in a file that uses `__DATE__` or `__TIME__`, so packages with cgo fail to build:
    `environment variable 'SOURCE_DATE_EPOCH' must expand to a non-negative integer`. Empty is worse than unset.

    That is gcc's rule (`gcc/c-family/c-common.cc`, cb_get_source_date_epoch); clang has the same. Blanks, signs and
    `0x` are not allowed. goshim's launcher drops a value that is not valid (rule `epoch-invalid`).
    """
    value = look(basics.variables).get(EPOCH)
    if value is None:
        return ok(f"{EPOCH} is not set")
    if epoch.is_valid(value):
        return ok(f"{EPOCH} is valid: {value}")
    lines = origins.of(look, EPOCH)
    evidence = (f"{EPOCH}={shown(EPOCH, value)}", *(f"set in {each.place}" for each in lines))
    fault = "set to nothing, which is worse than unset" if not value else f"no integer from 0 to {LATEST_EPOCH_S}"
    if EPOCH in look(basics.mended):
        return info(f"{EPOCH} is {fault}; goshim mends it at each call", *evidence)
    edits = tuple(each.commented_out() for each in origins.alone(look, EPOCH))
    remedies = [Remedy("unset it", f"unset {EPOCH}")]
    if edits:
        places = ", ".join(f"line {each.line} of {printable(each.path)}" for each in edits)
        remedies.append(Remedy(f"comment out {places}", where="file", edits=edits))
    return warn(f"{EPOCH} is {fault}", *evidence, remedies=tuple(remedies))


@check("epoch-effect", "clock")
def epoch_effect(look: Look) -> Verdict:
    """What SOURCE_DATE_EPOCH does, where it is set.

    Go never reads it: nothing of a pure Go build depends on it. Under cgo it is what `__DATE__` and `__TIME__` say;
    and go's build cache does not know that, so after a change of it the old object is used again.

    The cache's key does not hold the variable: with cgo and `__DATE__` the first value stays until `go clean -cache`.
    The time that `go build` stamps into a program is that of the commit (`-buildvcs`). Who does read it: gcc and clang,
    ko for the times of images, and Makefiles that put it into `-ldflags -X`; GoReleaser only by a template
    (`mod_timestamp`). A Nix shell sets it without being asked.
    """
    value = look(clock.epoch)
    if value is None:
        return ok(f"{EPOCH} is not set, and no pure Go build needs it")
    if not epoch.is_valid(value):
        return skip(f"{EPOCH} is not valid: see epoch-valid")
    by_goshim = value != look(basics.variables).get(EPOCH)
    return info(
        f"{EPOCH} is set; go does not read it, C compilers do",
        f"{EPOCH}={value}, {_date(int(value))}",
        *(["set by goshim's launcher: epoch.source"] if by_goshim else []),
        *(f"set in {each.place}" for each in origins.of(look, EPOCH) if not by_goshim),
        remedies=(Remedy("after changing it, where C code says __DATE__", "go clean -cache"),),
    )


def _rivals(look: Look) -> list[str]:
    try:
        return [f"{_running(each)}: see time-daemon-conflict" for each in look(clock.daemons)]
    except (UnknownError, OSError):
        return []


def _running(daemon: Daemon) -> str:
    return f"{daemon.name} runs, process {daemon.process}" + (f", by {printable(daemon.unit)}" if daemon.unit else "")


def _ends(daemons: tuple[Daemon, ...]) -> tuple[Remedy, ...]:
    units = {each.unit: each.name for each in daemons if each.unit}
    others = [each for each in daemons if not each.unit]
    return tuple(
        Remedy(f"end {name}, now and at the next start", f"sudo systemctl disable --now {quoted(unit)}", "sudo")
        for unit, name in units.items()
    ) + tuple(
        Remedy(f"end {each.name}; take out what starts it, too", f"sudo kill {each.process}", "sudo") for each in others
    )


def _set_right(wsl: str) -> tuple[Remedy, ...]:
    if wsl == "wsl2":
        return (_SHUTDOWN, _RESYNC)
    if wsl:
        return (Remedy("have Windows ask its time server", "w32tm.exe /resync", "elevated"),)
    return (Remedy("have the clock set by the network", "sudo timedatectl set-ntp true", "sudo"),)


def _toolchain_made_s(look: Look) -> float:
    try:
        return look(clock.toolchain_made_ns) / 1e9
    except UnknownError:
        return 0.0


def _expiry_s(look: Look) -> float:
    try:
        return look(clock.expiry_ns) / 1e9
    except UnknownError:
        return 0.0


def _listed(place: Ahead) -> str:
    names = ", ".join(f"{printable(name)} by {_duration(seconds)}" for name, seconds in place.latest)
    more = f" and {place.count - len(place.latest)} more" if place.count > len(place.latest) else ""
    return f"{place.what}, {printable(place.directory)}: {names}{more}"


def _date(epoch_s: int) -> str:
    from datetime import datetime, timezone

    return datetime.fromtimestamp(epoch_s, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _duration(seconds: float) -> str:
    for size_s, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size_s:
            return f"{seconds / size_s:.0f} {unit}"
    return f"{seconds:.1f} s"

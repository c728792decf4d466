"""Checks of goshim itself: whether its launcher is what runs, and what keeps it from it."""

from __future__ import annotations

from goshim.base.redaction import shown
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.shim import editors
from goshim.doctor.subjects.shim import facts as shim
from goshim.doctor.subjects.shim.editors import Setting
from goshim.doctor.subjects.shim.facts import Kept
from goshim.launcher import start_block
from goshim.launcher.install import SYSTEM_OFF_FILE

SLOW_MS = 30


@check("launcher-first", "goshim")
def launcher_first(look: Look) -> Verdict:
    """The launcher of goshim, if one is installed, is the first go on PATH, and not turned off.

    Behind another go it does nothing: each call runs that one, in the environment as it is.

    The line belongs at the end of a start file that is read at login, `~/.profile` for most: the servers of editors
    take their PATH from there (microsoft/vscode-remote-release issue 1815), and later lines win.
    """
    launcher = look(shim.installed)
    if reason := look(basics.off):
        return info(f"goshim is turned off: {reason}", remedies=(_turn_on(reason),))
    if look(basics.launcher):
        return ok(f"goshim's launcher is the first go on PATH: {printable(launcher)}")
    directory = launcher.rpartition("/")[0]
    first = look(basics.first_go)
    if launcher in look(shim.on_path):
        summary = f"goshim's launcher is behind another go on PATH: {printable(first)}"
    else:
        summary = "goshim's launcher is installed, and its directory is not on PATH"
    is_fish = look(basics.variables).get("SHELL", "").endswith("/fish")
    line = (start_block.fish_line if is_fish else start_block.posix_line)(directory)
    return warn(
        summary,
        f"{printable(launcher)} is the launcher",
        f"{printable(first)} is what runs" if first else "no other go is on PATH",
        *(f"PATH is set in {each.place}" for each in origins.of(look, "PATH") if not each.path.startswith("/etc/")),
        remedies=(
            Remedy(
                "have goshim write the line into your start files, for the next login",
                f"{quoted(look(shim.command))} install --start-file{_elsewhere(look, directory)}",
            ),
            Remedy("or put this line at the end of your start file; it counts in this shell as well", line, "file"),
        ),
    )


@check("launcher-current", "goshim")
def launcher_current(look: Look) -> Verdict:
    """The installed launcher is as its goshim writes it, and the Python and the bash that it calls are there.

    Without its Python, after an upgrade or a removed virtual environment, each call runs the next go in the environment
    as it is, and says so once a day. Without its bash `go` does not run at all: `bad interpreter`.

    The launcher is compared with the `bin/go` of the goshim that it calls, but for the paths that `goshim install`
    writes into it. It may belong to another goshim than the one that examines.
    """
    launcher = look(shim.installed)
    found = look(shim.calls)
    install = f"{quoted(found.goshim or look(shim.command))} install{_elsewhere(look, launcher.rpartition('/')[0])}"
    again = (Remedy("write the launcher anew", install),)
    evidence = f"the launcher is {printable(launcher)}"
    if not found.has_bash:
        say = fail if look(basics.launcher) else warn
        return say(f"the launcher's bash is not there: {printable(found.bash)}", evidence, remedies=again)
    if not found.has_python or not found.has_boot:
        gone = found.boot if found.has_python else found.python
        summary = f"what the launcher calls is not there: {printable(gone)}" if gone else "the launcher calls nothing"
        return warn(f"{summary}; go runs without goshim", evidence, remedies=again)
    here = look(basics.installation)
    calls = f"it calls goshim {found.version or 'of an unknown version'}, {printable(found.boot)}"
    if found.is_current is False:
        return warn("the launcher is of another version than the goshim that it calls", evidence, calls, remedies=again)
    if found.boot != here.boot and found.version != here.version:
        return info(f"the launcher calls another goshim than this one, which is {here.version}", evidence, calls)
    if found.is_current is None:
        return skip("the launcher can't be compared: its goshim has no bin/go")
    return ok("the launcher is as its goshim writes it", evidence, calls)


@check("plan-store", "goshim")
def plan_store(look: Look) -> Verdict:
    """The directory in which goshim keeps what it has worked out for the next call.

    Where it can't be used each call of go works everything out again, and takes some 40 ms longer.

    The launcher obeys a plan only if the directory and the plan belong to the user who calls and are not links, nobody
    else may write there, and the plan ends with the token that `goshim install` wrote into the launcher. Nothing is
    kept in a checkout (a directory with `.git`, `.hg`, `go.mod`, `go.work` or `.goshim.toml` above it), because a clone
    can bring such a directory and CI publishes it as a cache; nor in the home of another user, whose builds would fail
    on directories of root's. All of it can be worked out again: whatever is done to it loses nothing.
    """
    launcher = look(shim.installed)
    found = look(shim.kept)
    if verdict := _unsafe_place(look, found):
        return verdict
    if not look(shim.calls).can_seal:
        again = f"{quoted(look(shim.command))} install{_elsewhere(look, launcher.rpartition('/')[0])}"
        return warn(
            "plans can't be kept: the launcher has no token to know them by",
            f"the launcher is {printable(launcher)}",
            remedies=(Remedy("write the launcher again", again),),
        )
    where, told = quoted(found.directory), printable(found.directory)
    owner = f"it belongs to user {found.owner}, and this is user {found.user}"
    own = (Remedy("give it back to yourself", f"sudo chown -R {found.user} -- {where}", "sudo"),)
    if not found.kind:
        if found.is_writable:
            return ok(f"no plan is kept yet: {told} will be made")
        return warn(f"plans can't be kept: {told} can't be made", f"{printable(found.above)} is not writable")
    if found.kind != "d":
        what = "a link" if found.kind == "l" else "not a directory"
        aside = Remedy("put it aside; goshim makes a directory there", f"mv -- {where} {where}.before-goshim")
        return warn(f"plans can't be kept: {told} is {what}", remedies=(aside,))
    if found.owner != found.user:
        if found.user == 0:
            return info("root has no plans here: its HOME is that of another user", owner)
        return warn(f"plans can't be kept: {told} is somebody else's", owner, remedies=own)
    if found.mode & 0o022 or not found.is_writable:
        what = "others may write to it" if found.mode & 0o022 else "it is not writable"
        may_mend = bool(found.mode & 0o022) or found.mode & 0o700 != 0o700  # noqa: PLR2004 - else it is the disk
        private = (Remedy("make it yours alone", f"chmod 700 -- {where}"),) if may_mend else ()
        return warn(f"plans can't be kept in {told}: {what}", f"its mode is {found.mode:04o}", remedies=private)
    plans = "1 plan" if found.plans == 1 else f"{found.plans} plans"
    return ok(f"plans are kept in {told}: {plans}, {found.size_bytes / 1024:.0f} KB")


def _unsafe_place(look: Look, found: Kept) -> Verdict | None:
    """Where the directory lies, and how it is reached; whatever it is itself."""
    kind, path, owner = found.fault or ("", "", -1)
    place, user = printable(path), found.user
    whose = f"{place} belongs to user {owner}, and this is user {user}"
    elsewhere = (
        Remedy("keep plans elsewhere, in this shell; go's own cache stays where it is", _elsewhere_kept(look)),
    )
    match kind:
        case "home":
            say = info if user == 0 else warn
            return say(f"plans are not kept: HOME={place} is another user's", whose, remedies=elsewhere)
        case "no-home":
            command = f'sudo install -d -m 755 -o "$(id -u)" -g "$(id -g)" -- {quoted(path)}'
            return warn(
                f"plans are not kept: HOME={place} is not there", remedies=(Remedy("make it", command, "sudo"),)
            )
        case "root-home":
            above = quoted(found.directory.rpartition("/")[0])
            summary = f"plans are not kept: {place} may become the home of a user, and this is root"
            return info(summary, remedies=(Remedy("keep them for root all the same", f"mkdir -p -- {above}"),))
        case "checkout":
            told = printable(found.directory)
            return warn(f"plans are not kept: {told} lies in the checkout {place}", remedies=elsewhere)
        case "link":
            return warn(f"plans are not kept: somebody else can change the link {place}", whose, remedies=elsewhere)
        case "above":
            return warn(f"plans are not kept: {place} is another user's", whose, remedies=elsewhere)
        case _:
            return None


def _elsewhere_kept(look: Look) -> str:
    """The command that has goshim keep plans in a directory of its own, while GOCACHE stays the same."""
    try:
        cache = quoted(look(basics.build_cache))
    except UnknownError:
        return 'export XDG_CACHE_HOME="$(mktemp -d)"'
    return f'export GOCACHE={cache} XDG_CACHE_HOME="$(mktemp -d)"'


@check("editor-settings", "goshim")
def editor_settings(look: Look) -> Verdict:
    """Settings of editors, and variables they are started with, by which they run another go than PATH's first.

    Such a go runs past any launcher: the editor builds in another environment than the terminal, perhaps with another
    version.

    VS Code, and editors made of it, take `go.alternateTools` (`go`), then GOBIN, `go.goroot`, GOROOT in the environment
    of the server, and only then PATH (golang/vscode-go extension/src/util.ts, getBinPathWithExplanation); a path that
    is not there is passed over. Looked at are the settings of the user and of the server
    (`~/.vscode-server/data/Machine`) and the nearest `.vscode/settings.json`; those of Windows do not count, for these
    keys are of a machine. `go.toolsEnvVars` and `terminal.integrated.env.linux` are told as well. GoLand runs the SDK
    that `.idea/workspace.xml` names.
    """
    told = look(editors.settings)
    entries = [each for each in (*told.found, *look(editors.by_environment)) if not each.is_usual]
    chosen = [each for each in entries if each.go]
    evidence = [*(_described(each) for each in entries), *told.unreadable]
    is_ours = look(basics.is_acting)
    if chosen and is_ours:
        summary = f"an editor runs {printable(chosen[0].go)}, past goshim's launcher"
        return warn(summary, *evidence, remedies=tuple(_leave(each) for each in chosen))
    if chosen:
        return info(f"an editor runs {printable(chosen[0].go)}, and not the first go on PATH", *evidence)
    if told.unreadable and not entries:
        return skip("; ".join(told.unreadable))
    if entries:
        return info("an editor's settings speak of go, and choose no other than PATH does", *evidence)
    return ok("no setting of an editor chooses another go than PATH does")


@check("trust-records", "goshim")
def trust_records(look: Look) -> Verdict:
    """What config files and variables say to goshim: whether it can be obeyed, and what of it is ignored.

    With an error in one of them goshim refuses to run go (exit code 2); what is ignored has no effect, though somebody
    wrote it.

    A project file `.goshim.toml` comes with a clone: what could choose a program, redirect traffic or weaken a
    verification is ignored in it until you trust the file (docs/security.md). A trusted file that has changed since
    ends each call of go until it is trusted again. An unknown key is ignored, for a newer goshim may know it.
    """
    if fault := look(shim.config_fault):
        first, _, rest = fault.partition("\n")
        runs = look(basics.is_acting)
        remedy = Remedy("see what goshim reads, and from where", "goshim config check")
        lines = [line.strip() for line in rest.split("\n") if line.strip()]
        return (fail if runs else warn)(f"goshim's config can't be obeyed: {first}", *lines, remedies=(remedy,))
    ignored, withheld = look(shim.ignored), look(shim.withheld)
    if ignored:
        names = [name for name in look(shim.unknown_variables) if name.isidentifier() and name.isascii()]
        remedies = [Remedy("unset what is not goshim's", f"unset {name}") for name in names]
        remedies.append(Remedy("see what goshim reads, and from where", "goshim config check"))
        summary = f"goshim ignores what it does not know: {ignored[0]}"
        return warn(summary, *ignored[1:], *withheld, remedies=tuple(remedies))
    if foreign := look(shim.foreign_config):
        if foreign.is_of_another:
            own = Remedy(
                "take it over, if you wrote it", f'sudo chown -h "$(id -u):$(id -g)" -- {quoted(foreign.path)}', "sudo"
            )
            return warn("your own config file is not read", foreign.note, *withheld, remedies=(own,))
        return info("the config file in HOME is not taken for your own", foreign.note, *withheld)
    if withheld:
        what = "what needs trust" if look(shim.has_untrusted) else "what no project file can set"
        trust = Remedy("see what the file asks for, and trust it if that is right", "goshim trust")
        return info(
            f"the project file asks for {what}; it is ignored",
            *withheld,
            remedies=(trust,) if look(shim.has_untrusted) else (),
        )
    files = [printable(file.path) for file in look(basics.loaded).files]
    return ok(f"nothing is ignored of {', '.join(files)}" if files else "there is no config of goshim's")


@check("overhead", "goshim")
def overhead(look: Look) -> Verdict:
    """What goshim's launcher adds to a call of go, measured here and now.

    It is about 2 ms where a plan is kept, and some 40 ms where none is; editors call go hundreds of times.

    Up to seven pairs of `go env GOTOOLCHAIN`, through the launcher and without it, with the same environment; the
    first pair does not count. Where PATH holds Windows directories, the launcher may cost less than nothing.
    """
    found = look(shim.overhead)
    evidence = (
        f"through the launcher {found.launcher_ms:.1f} ms, the real go {found.go_ms:.1f} ms",
        f"medians of {found.pairs} pairs of calls",
    )
    if found.least_added_ms > SLOW_MS:
        return warn(
            f"goshim adds {found.added_ms:.0f} ms to each call: no plan is kept for calls from here",
            *evidence,
            remedies=(Remedy("see whether plans can be kept", "goshim doctor --only plan-store"),),
        )
    if found.added_ms < 0:
        return ok(f"go is {-found.added_ms:.1f} ms faster with goshim's launcher than without", *evidence)
    return ok(f"goshim adds {found.added_ms:.1f} ms to a call of go", *evidence)


def _turn_on(reason: str) -> Remedy:
    if reason == "GOSHIM=off":
        return Remedy("turn it on", "unset GOSHIM")
    if reason == SYSTEM_OFF_FILE:
        return Remedy("turn it on for all users", f"sudo rm -- {quoted(reason)}", "sudo")
    return Remedy("turn it on", "goshim on")


def _elsewhere(look: Look, directory: str) -> str:
    return "" if directory == look(shim.default_directory) else f" --dir {quoted(directory)}"


def _described(setting: Setting) -> str:
    text = f"{printable(setting.place)}: {setting.key} = {shown(setting.key, setting.value)}"
    is_choice = setting.key in ("go.goroot", "go.alternateTools/go")
    return f"{text}, where no go is: passed over" if is_choice and not setting.go else text


def _leave(setting: Setting) -> Remedy:
    return Remedy(f"take {setting.key} out of {printable(setting.place)}; PATH brings the launcher", where="file")

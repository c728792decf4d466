"""The real go is called as if goshim were not there, but for the changes that `goshim env` lists."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.end_to_end.machine import MANAGED_BY_BASH, Dump, applied, default_signals, unmanaged

settled = settings(
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Names the launcher and its plans use for themselves, and names that bash or Python would act on.
LOCALS = """
    dir text plan file why go rest python count above project store at to boot last_resort same cold warm
""".split()  # noqa: SIM905 - too long a list for quotes
ACTED_ON = """
    BASH_ENV ENV POSIXLY_CORRECT GLOBIGNORE CDPATH FIGNORE BASH_LOADABLES_PATH TMOUT MAILCHECK IGNOREEOF
    HISTFILE PROMPT_COMMAND PS0 PS3 REPLY MAPFILE COPROC EXECIGNORE FUNCNEST CHILD_MAX COLUMNS LINES TIMEFORMAT
    TERM SHELL USER LOGNAME PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PYTHONVERBOSE PYTHONUTF8 INPUTRC
    MAIL MAILPATH EMACS INSIDE_EMACS auto_resume histchars
""".split()  # noqa: SIM905 - too long a list for quotes
JUDGED = """
    CGO_ENABLED GOROOT GOPRIVATE GONOSUMDB HTTP_PROXY https_proxy GOPROXY SOURCE_DATE_EPOCH GOFLAGS
""".split()  # noqa: SIM905 - too long a list for quotes
VALUES = [
    b"",
    b"0\r",
    b"off",
    b"x" * 100_000,
    b"two\nlines\n",
    b'it\'s "quoted" \\ $HOME `id` $(id)',
    b"\xff\xfe\x80 no text",
    b"() {  echo hi; }",
    b"/nonexistent",
    b"*",
    b"nounset:errexit:xtrace:verbose:noexec",
    b"=",
    "Ж ünï\u2028".encode(),
]

names = st.one_of(
    st.sampled_from([name.encode() for name in LOCALS + ACTED_ON + JUDGED]),
    st.sampled_from(
        [b"a.b", b"BASH_FUNC_x%%", b"BASH_FUNC_exec%%", b"BASH_FUNC_[[%%", b"1", b"a-b", b" ", b"\xff", b"#"]
    ),
    st.from_regex(rb"\A[A-Za-z_][A-Za-z0-9_]{0,9}\Z"),
    st.binary(min_size=1, max_size=8),
)
values = st.one_of(st.sampled_from(VALUES), st.binary(max_size=30))


def is_ours_to_try(name):
    starts = (b"LD_", b"GOSHIM", b"_GOSHIM", b"LC_", b"MALLOC_", b"GLIBC_", b"PYTHON_GIL")
    fixed = {"HOME", "PATH", "XDG_CACHE_HOME", "LANG", "LANGUAGE", "GODEBUG", *MANAGED_BY_BASH}
    return b"=" not in name and b"\0" not in name and not name.startswith(starts) and os.fsdecode(name) not in fixed


def without_nul(value):
    return b"\0" not in value and b"://" not in value


environments = st.dictionaries(names.filter(is_ours_to_try), values.filter(without_nul), max_size=8)


@settled
@given(environment=environments)
@example(environment={name.encode(): b"mine" for name in LOCALS})
@example(
    environment={b"BASH_ENV": b"/dev/stdin", b"POSIXLY_CORRECT": b"1", b"GLOBIGNORE": b"*", b"BASH_COMPAT": b"4.4"}
)
@example(
    environment={b"BASH_FUNC_x%%": b"() {  echo hi; }", b"a.b": b"1", b"CGO_ENABLED": b"0\r", b"GOPRIVATE": b"'a;b'"}
)
def test_go_gets_the_callers_environment_with_the_changes_goshim_env_lists(machine, environment):
    machine.forget()
    expected = unmanaged(applied(machine.with_env(environment), machine.changes(env=environment)))
    assert unmanaged(machine.dump(env=environment).environment) == expected
    assert unmanaged(machine.warm_dump(env=environment).environment) == expected


@pytest.mark.parametrize("value", ["", "1", "x", "nounset:errexit:xtrace:verbose:noexec"])
def test_bash_manages_no_more_variables_than_the_documented_ones(machine, program, value):
    script = machine.put(machine.root / "ask", '#!/bin/bash -p\nexec "$@"\n')
    listing = machine.call(program("bash"), "-pc", "compgen -v; compgen -e")
    known = {*listing.text.split(), *ACTED_ON, *MANAGED_BY_BASH, *LOCALS} - {"PATH", "HOME", "LANG"}
    before = machine.with_env(dict.fromkeys(known, value))
    done = machine.call(script, program("cat"), "/proc/self/environ", env=dict.fromkeys(known, value))
    after = dict(entry.split(b"=", 1) for entry in done.out.split(b"\0") if entry)
    managed = {name for name in before | after if before.get(name) != after.get(name)}
    assert {name.decode() for name in managed} <= MANAGED_BY_BASH


@pytest.mark.parametrize("value", ["", "1", "x", "99999999", "xx_XX.UTF-8", "() { :", "\udcff"])
def test_bash_speaks_up_only_about_three_variables(machine, value):
    script = machine.put(machine.root / "silent", "#!/bin/bash -p\nexec true\n")
    for name in {*ACTED_ON, *MANAGED_BY_BASH, *JUDGED, "LC_CTYPE", "LC_MESSAGES", "LANG", "TZ"} - {"SHLVL"}:
        assert machine.call(script, env={name: value.encode("utf-8", "surrogateescape")}) == (b"", b"", 0), name
    spoken = [name for name in ("BASH_COMPAT", "BASH_XTRACEFD", "LC_ALL") if machine.call(script, env={name: "x"}).err]
    assert spoken == ["BASH_COMPAT", "BASH_XTRACEFD", "LC_ALL"]


@pytest.mark.xfail(reason="bash warns before it reads the first line of any script", strict=True)
def test_a_locale_that_is_not_installed_causes_no_word(machine):
    assert machine.go(env={"LC_ALL": "xx_XX.UTF-8"}).err == b""


@settled
@given(arguments=st.lists(st.binary(max_size=20).filter(lambda value: b"\0" not in value), max_size=5))
@example(arguments=[b"", b"", b"\xff", b"$(id)", b"a\nb", b"-C", b""])
@example(arguments=[b"-C"])
@example(arguments=[b"mod", b"-C"])
def test_arguments_of_any_bytes_arrive_as_they_were_given(machine, arguments):
    if len(arguments) == 2 and arguments[0] in (b"exit", b"die", b"copy", b"wait"):
        return
    assert machine.dump(*arguments).arguments[1:] == arguments
    assert machine.dump(*arguments).arguments[1:] == arguments


@pytest.fixture(params=["cold", "warm"])
def call(request, machine):
    """A call of go that is cold, or one that a plan answers."""
    if request.param == "cold":
        return machine.go
    machine.go()
    return machine.warm


@pytest.mark.parametrize("code", [0, 1, 2, 42, 126, 127, 255])
def test_the_exit_code_is_gos(call, code):
    assert call("exit", str(code)) == (b"", b"", code)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_go_that_dies_of_a_signal_is_seen_to(call, number):
    assert call("die", str(int(number)), preexec_fn=default_signals).code == -number


def test_stdin_reaches_go_whole(call):
    data = bytes(range(256)) * 1000
    assert call("copy", "stdin", stdin=data) == (data, b"", 0)


@pytest.mark.parametrize("temperature", ["cold", "warm"])
def test_the_process_becomes_go(machine, temperature):
    if temperature == "warm":
        machine.go()
    process = subprocess.Popen([machine.launcher], env=machine.with_env(None), cwd=machine.work, stdout=subprocess.PIPE)
    dump = Dump.of(process.communicate(timeout=60)[0])
    assert (dump.process, dump.parent) == (process.pid, os.getpid())


def test_go_is_called_in_the_callers_directory_under_the_name_the_caller_has_for_it(machine):
    link = machine.root / "link"
    link.symlink_to(machine.work)
    for _ in "cold", "warm":
        dump = machine.dump(cwd=link, env={"PWD": link})
        assert (dump.directory, dump.environment[b"PWD"]) == (os.fsencode(machine.work), os.fsencode(link))


def _signals(status):
    """The lines of /proc/self/status on signals that are ignored or blocked."""
    return [line for line in status.split(b"\n") if line.startswith((b"SigIgn", b"SigBlk"))]


@pytest.mark.parametrize(
    "ignored", [(), (signal.SIGPIPE,), (signal.SIGINT, signal.SIGHUP), (signal.SIGXFSZ, signal.SIGQUIT)]
)
def test_signals_are_ignored_where_the_caller_ignored_them_and_nowhere_else(teller, ignored):
    def prepare():
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    def status(program):
        return _signals(teller.call(program, "/proc/self/status", preexec_fn=prepare, restore_signals=False).out)

    bare = status(teller.tools / "bin/go")
    assert (status(teller.launcher), status(teller.warm_launcher)) == (bare, bare)


@pytest.mark.parametrize("extra", [(), (3, 9), (10, 11, 255)])
def test_go_inherits_the_callers_open_files_and_no_other(machine, program, extra):
    shutil.copyfile(program("ls"), machine.tools / "bin/go")
    opening = f"import os, sys; [os.dup2(0, number) for number in {extra}]; os.execv(sys.argv[1], sys.argv[1:])"

    def files(path):
        return machine.call(sys.executable, "-ISc", opening, path, "/proc/self/fd")

    bare = files(machine.tools / "bin/go")
    assert {str(number) for number in extra} <= set(bare.text.split())
    assert (files(machine.launcher), files(machine.warm_launcher)) == (bare, bare)


@pytest.mark.parametrize(
    "locale", [{"LANG": "C"}, {"LANG": None}, {"LANG": "xx_XX.UTF-8"}, {"LC_CTYPE": "xx_XX"}, {"LC_ALL": "C"}]
)
def test_no_locale_adds_or_changes_a_variable(machine, locale):
    expected = unmanaged(machine.with_env(locale))
    assert unmanaged(machine.dump(env=locale).environment) == expected
    assert unmanaged(machine.warm_dump(env=locale).environment) == expected

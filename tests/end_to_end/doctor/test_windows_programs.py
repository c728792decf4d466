"""Doctor asks Windows by `reg.exe query` and one powershell.exe, whatever becomes of these, and runs nothing else."""

from __future__ import annotations

import re
import shutil
import sys

import pytest

from tests.doctor import reg_exe
from tests.end_to_end.doctor.patient import ask
from tests.end_to_end.doctor.windows import (
    HANGS,
    HOURS_MS,
    LEAVES_CHILDREN,
    POWERSHELL,
    REG,
    RUBBISH,
    SYSTEM32,
    answers,
    is_read_only,
)
from tests.end_to_end.machine import CHECKOUT, COMMAND
from tests.end_to_end.wsl_machine import HANDLER, HANDLERS, SOCKET

OF_THE_REGISTRY = ("registry-flags", "registry-folklore", "distribution-flags", "default-environment", "path-origin")
OF_THE_CLOCK = ("clock-drift",)
DOCTOR = (sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "doctor")
WRONG_ANSWER = re.compile(r"registry can't be read|no registry key|distributions named|has no Flags|told no time")


def skipped(told, checks):
    """The reasons with which these were skipped, each of them."""
    assert {check: told.status(check) for check in checks} == dict.fromkeys(checks, "skip")
    return {told.summary(check) for check in checks}


# What is asked, and how.


def test_nothing_is_wrong_where_nothing_is_wrong(user, windows):
    told = ask(user)
    assert told.problems == {}
    assert {told.status(check) for check in (*OF_THE_REGISTRY, *OF_THE_CLOCK)} <= {"ok", "info"}
    assert "Flags = 0xf" in told.text("registry-flags") or "0xf" in told.summary("registry-flags")
    assert windows.calls


def test_under_wsl1_too(wsl1_user):
    told = ask(wsl1_user)
    assert told.problems == {}
    assert "0x7" in told.summary("registry-flags")
    assert {call[0] for call in wsl1_user.windows_side.calls} == {REG}  # WSL1 has Windows' own clock


def test_nothing_is_run_but_queries_of_the_registry_and_one_powershell(user, windows):
    lines = user.trace("execve", *DOCTOR)
    run = [line for line in lines if ".exe" in line]
    assert run
    assert all(f'("{REG}"' in line or f'("{POWERSHELL}"' in line for line in run), run
    assert len(run) == len(windows.calls)
    assert all(is_read_only(call) for call in windows.calls), windows.calls
    assert sum(call[0] == POWERSHELL for call in windows.calls) == 1


def test_each_key_is_asked_for_once(user, windows):
    ask(user)
    assert len(windows.calls) == len(set(map(tuple, windows.calls)))


def test_programs_of_these_names_earlier_on_path_are_not_run(user, windows):
    for name in ("reg.exe", "powershell.exe", "reg"):
        windows.program(f"/mnt/c/tools/{name}", "exit 0")
        shutil.copyfile(windows.at(f"/mnt/c/tools/{name}"), user.tools / name)
        (user.tools / name).chmod(0o755)
    path = f"{user.tools}:/mnt/c/tools:{user.env['PATH']}"
    told = ask(user, env={"PATH": path})
    assert told.status("registry-flags") == "ok"
    assert {call[0] for call in windows.calls} == {REG, POWERSHELL}


# Who does not want it asked.


CONFIGS = {
    "the user's config": ("user", "[doctor]\nwindows = false\n"),
    "the system's config": ("system", "[doctor]\nwindows = false\n"),
    "a config of the user's with an error": ("user", "[doctor]\nwindows = \n"),
    "a config of the system's with an error": ("system", "doctor.windows = 'no'\n"),
}


@pytest.mark.parametrize(("whose", "text"), CONFIGS.values(), ids=CONFIGS)
def test_by_the_config_no_program_is_run(user, windows, whose, text):
    system = windows.at("/etc/goshim/config.toml")
    place = user.config if whose == "user" else system
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    try:
        told = ask(user)
    finally:
        shutil.rmtree(system.parent, ignore_errors=True)
    assert windows.calls == []
    skipped(told, (*OF_THE_REGISTRY[:3], *OF_THE_CLOCK))


@pytest.mark.parametrize(
    ("words", "env"),
    [(["--no-windows"], {}), ([], {"GOSHIM_DOCTOR__WINDOWS": "false"})],
    ids=["--no-windows", "GOSHIM_DOCTOR__WINDOWS"],
)
def test_by_a_word_of_the_user_no_program_is_run(user, windows, words, env):
    told = ask(user, *words, env=env)
    assert windows.calls == []
    assert told.problems == {}
    assert all("--no-windows" in reason for reason in skipped(told, (*OF_THE_REGISTRY[:3], *OF_THE_CLOCK)))


def test_a_clone_can_not_have_them_run_where_the_user_said_no(user, windows):
    user.config.write_text("[doctor]\nwindows = false\n")
    (user.work / ".goshim.toml").write_text("[doctor]\nwindows = true\n")
    ask(user)
    assert windows.calls == []


# Where it can't be asked.


def test_with_a_stale_socket_no_program_is_run(user, windows):
    socket = windows.at(SOCKET)
    socket.rename(f"{socket}.away")
    try:
        told = ask(user)
    finally:
        socket.with_name(f"{socket.name}.away").rename(socket)
    assert windows.calls == []
    assert told.problems.keys() == {"interop"}
    assert SOCKET in told.summary("interop")
    assert all("can't be asked" in reason for reason in skipped(told, (*OF_THE_REGISTRY[:3], *OF_THE_CLOCK)))


@pytest.mark.parametrize("kind", ["user", "wsl1_user"])
@pytest.mark.parametrize("text", [None, HANDLER.replace("enabled", "disabled")], ids=["none", "disabled"])
def test_without_a_handler_in_the_kernel_no_program_is_run(request, kind, text):
    user = request.getfixturevalue(kind)
    handler = user.machine.at(f"{HANDLERS}/WSLInterop")
    handler.write_text(text) if text else handler.unlink()
    try:
        told = ask(user)
    finally:
        handler.write_text(HANDLER)
    assert user.windows_side.calls == []
    assert told.problems.keys() == {"interop"}


def test_a_program_that_is_missing_is_told(user, windows):
    for path in (REG, POWERSHELL):
        windows.at(path).unlink()
    told = ask(user)
    assert windows.calls == []
    assert told.problems == {}
    skipped(told, (*OF_THE_REGISTRY[:3], *OF_THE_CLOCK))


def test_programs_that_may_not_be_run_are_told(user, windows):
    windows.registry(*answers(), mode=0o644)
    windows.clock(mode=0o644)
    told = ask(user)
    assert windows.calls == []
    assert told.problems.keys() == {"interop"}
    assert all("permission denied" in reason for reason in skipped(told, (*OF_THE_REGISTRY[:3], *OF_THE_CLOCK)))


def test_a_relay_that_does_not_reach_windows_is_no_key_that_is_missing(user, windows):
    windows.program(REG, "echo '<3>WSL (9 - ) ERROR: UtilAcceptVsock:271: accept4 failed 110' >&2; exit 1")
    told = ask(user)
    assert told.problems.keys() == {"interop"}
    skipped(told, OF_THE_REGISTRY[:3])


# Whatever it answers.


@pytest.mark.parametrize("said", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_no_answer(user, windows, said):
    windows.program(REG, said)
    windows.program(POWERSHELL, said)
    told = ask(user)
    assert told.problems.keys() <= {"interop"}
    reasons = skipped(told, (*OF_THE_REGISTRY[:1], *OF_THE_CLOCK))
    assert all(WRONG_ANSWER.search(reason) for reason in reasons), reasons
    assert all(reason.isprintable() for reason in reasons)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp936", "cp437", "ascii"])
def test_an_answer_in_any_encoding_is_read(user, windows, encoding):
    name = "\u5de5\u4f5c" if encoding[:3] in ("utf", "cp9") else "work"
    pages = reg_exe.answer(
        reg_exe.registry.CODE_PAGES, {"OEMCP": (reg_exe.TEXT, encoding.removeprefix("cp"))}, "/v", "OEMCP"
    )
    windows.registry(*answers(BasePath=(reg_exe.TEXT, rf"C:\{name}")), pages, encoding=encoding)
    told = ask(user)
    assert told.problems == {}
    assert told.status("registry-flags") == told.status("registry-folklore") == "ok"


def test_the_name_of_a_distribution_in_a_code_page_is_known(user, windows):
    name = "\u5f00\u53d1"
    pages = reg_exe.answer(reg_exe.registry.CODE_PAGES, {"OEMCP": (reg_exe.TEXT, "936")}, "/v", "OEMCP")
    windows.registry(*answers(DistributionName=(reg_exe.TEXT, name)), pages, encoding="cp936")
    assert ask(user, env={"WSL_DISTRO_NAME": name}).status("registry-flags") == "ok"


@pytest.mark.parametrize(
    ("ahead_ms", "status"), [(0, "ok"), (3_000, "info"), (60_000, "warn"), (-60_000, "warn"), (2 * HOURS_MS, "fail")]
)
def test_the_clock_is_compared_with_that_of_windows(user, windows, ahead_ms, status):
    windows.clock(ahead_ms)
    told = ask(user)
    assert told.status("clock-drift") == status
    assert told.code == (status == "fail")
    if status in ("warn", "fail"):
        assert ("behind" if ahead_ms > 0 else "ahead of") in told.summary("clock-drift")


def test_what_a_profile_of_powershell_says_before_the_time_is_passed_over(user, windows):
    windows.clock(first="printf '\\377\\376W\\0e\\0l\\0\\r\\0\\n\\0'; echo 'Loading personal profiles took 712ms.'")
    assert ask(user).status("clock-drift") == "ok"


# Whenever it answers.


@pytest.mark.parametrize("wait_s", [2, 4])
def test_slow_answers_are_waited_for_within_the_limits(user, windows, wait_s):
    windows.registry(*answers(), first=f"sleep {wait_s}")
    windows.clock(first=f"sleep {wait_s}")
    told = ask(user)
    assert told.problems == {}
    assert told.status("clock-drift") == "ok"
    answered = {check for check in OF_THE_REGISTRY if told.status(check) != "skip"}
    assert answered or wait_s == 4  # several answers of 4 s take longer than a check may
    assert all("no answer" in told.summary(check) for check in set(OF_THE_REGISTRY) - answered)


def test_a_program_that_hangs_is_ended(user, windows):
    windows.registry(first=HANGS)
    windows.clock(first=HANGS)
    told = ask(user)
    assert told.problems == {}  # a scanner can be the reason as well
    assert told.status("interop") == "info"
    assert all("4.5 s" in reason for reason in skipped(told, (*OF_THE_REGISTRY, *OF_THE_CLOCK)))
    assert len(windows.calls) == 2  # no key more is asked for


def test_a_program_that_hangs_in_the_middle_of_its_answer_is_ended(user, windows):
    windows.program(REG, f"printf '\\r\\nHKEY_CURRENT_USER\\\\Software\\r\\n'; {HANGS}")
    windows.program(POWERSHELL, f"read -r _; printf 1790; {HANGS}")
    assert all("4.5 s" in reason for reason in skipped(ask(user), (*OF_THE_REGISTRY, *OF_THE_CLOCK)))


def test_a_clock_that_stops_after_an_answer_is_known(user, windows):
    windows.program(POWERSHELL, f'read -r _; echo "$(($(date +%s%N) / 1000000))"; {HANGS}')
    assert ask(user).status("clock-drift") == "ok"


def test_children_that_keep_the_pipes_are_ended_too(user, windows):
    windows.registry(*answers(), first=LEAVES_CHILDREN)
    windows.clock(first=LEAVES_CHILDREN)
    told = ask(user)
    assert told.problems == {}
    assert told.status("clock-drift") == "ok"


def test_children_that_got_away_are_not_waited_for(user, windows):
    escaped = "setsid sleep 1000 &"
    windows.registry(*answers(), first=escaped)
    windows.clock(first=escaped)
    told = ask(user, leaves=True)
    assert told.problems == {}
    assert told.status("clock-drift") == "ok"


def test_the_programs_run_where_windows_has_a_name_for_the_directory(user, windows):
    windows.registry(*answers(), first=f"[[ $PWD == {SYSTEM32} ]] || exit 5")
    windows.clock(first="[[ $PWD == /mnt/c/* ]] || exit 5")
    told = ask(user)
    assert (told.status("registry-flags"), told.status("clock-drift")) == ("ok", "ok")

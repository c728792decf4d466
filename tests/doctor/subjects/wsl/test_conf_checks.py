"""Checks of wsl.conf and .wslconfig."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.machine import registry
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.wsl import conf_checks as wsl_conf
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import TEXT, answer, lxss
from tests.machine import FolderMachine

CONF = "/etc/wsl.conf"
ALL = (wsl_conf.wsl_conf_unknown_key, wsl_conf.wsl_conf_duplicate, wsl_conf.wsl_conf_boolean)

HEALTHY = """# as Ubuntu has it
[boot]
systemd=true

[automount]
enabled = true
options = "metadata,umask=22,fmask=11"

[interop]
appendWindowsPath = FALSE  # wanted

[user]
default = me

[filesystem]
umask = 0022
"""


def check_conf(machine: FolderMachine, check: Check, text: str | bytes | None, **told: Any) -> Verdict:
    machine.become_wsl()
    if text is not None:
        machine.write(CONF, text)
    return judge(check, look_at(machine, {"WSL_DISTRO_NAME": "Debian"}, **told))


def edited(machine: FolderMachine, verdict: Verdict) -> str:
    """The file after the edits that a verdict advises, each of which still fits."""
    lines = machine.at(CONF).read_bytes().decode().split("\n")
    for edit in verdict.remedies[0].edits:
        assert (edit.path, lines[edit.line - 1]) == (CONF, edit.old)
        lines[edit.line - 1] = str(edit.new)
    return "\n".join(lines)


def after_command(machine: FolderMachine, verdict: Verdict) -> str:
    """The file after the command that a verdict advises, which is run on it."""
    path = str(machine.at(CONF))
    words = [path if word == CONF else word for word in shlex.split(verdict.remedies[0].command)]
    assert words[0] == "sudo"
    subprocess.run(words[1:], check=True)
    return machine.at(CONF).read_bytes().decode()


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
@pytest.mark.parametrize("text", [HEALTHY, "", None])
def test_a_file_that_wsl_understands_is_well(machine: FolderMachine, check: Check, text: str | None):
    assert check_conf(machine, check, text).status == "ok"


@pytest.mark.parametrize("check", [*ALL, wsl_conf.wslconfig_key], ids=lambda check: check.id)
def test_outside_wsl_nothing_is_said(machine: FolderMachine, check: Check):
    assert judge(check, look_at(machine)).status == "skip"


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_a_file_that_can_not_be_read_is_unknown(machine: FolderMachine, check: Check):
    machine.directory(CONF)
    verdict = check_conf(machine, check, None)
    assert (verdict.status, verdict.summary) == ("skip", "/etc/wsl.conf: a directory, not a regular file")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[automount]\nexclude = /mnt/c/x", "mounts whole drives, or none"),
        ("[boot]\ninit = true", "starts its own /init"),
    ],
)
def test_folklore_is_named_as_what_it_is_and_taken_out(machine: FolderMachine, line: str, says: str):
    text = f"{HEALTHY}{line} \\\n more\n"
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, text)
    assert verdict.status == "warn"
    assert says in verdict.evidence[0]
    assert "no occurrence in microsoft/WSL" in verdict.evidence[0]
    assert [each.command for each in verdict.remedies[1:]] == ["wsl.exe --terminate Debian"]
    mended = edited(machine, verdict)
    assert after_command(machine, verdict) == mended
    assert check_conf(machine, wsl_conf.wsl_conf_unknown_key, mended).status == "ok"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("[interop]\nappendWindowPath = false", "did you mean interop.appendWindowsPath?"),
        ("[boot]\nappendWindowsPath = false", "did you mean interop.appendWindowsPath?"),
        ("[future]\nthing = 1", "no key that WSL is known to have"),
    ],
)
def test_any_other_unknown_key_is_only_told(machine: FolderMachine, key: str, hint: str):
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, f"{key}\n")
    assert verdict.status == "info"
    assert hint in verdict.evidence[0]
    assert verdict.remedies == ()


def test_a_key_of_the_other_file_is_sent_there(machine: FolderMachine):
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, "[wsl2]\nnetworkingMode = mirrored\n")
    assert verdict.status == "warn"
    assert "wsl2.networkingMode belongs in %UserProfile%\\.wslconfig" in verdict.evidence[0]


@pytest.mark.parametrize("line", ["; a comment", "systemd true", "\ufeff[boot]"])
def test_what_stands_behind_a_line_that_is_none_is_not_read(machine: FolderMachine, line: str):
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, f"{line}\n[interop]\nappendWindowsPath = false\n")
    assert (verdict.status, verdict.summary) == ("warn", "WSL stops reading /etc/wsl.conf at line 1")
    assert "not read, it is behind that line" in verdict.evidence[1]
    mended = edited(machine, verdict)
    assert after_command(machine, verdict) == mended
    assert check_conf(machine, wsl_conf.wsl_conf_unknown_key, mended).status == "ok"


def test_a_last_line_that_sets_nothing_does_no_harm(machine: FolderMachine):
    assert check_conf(machine, wsl_conf.wsl_conf_unknown_key, "[boot]\nsystemd = true\n; end\n").status == "info"
    assert check_conf(machine, wsl_conf.wsl_conf_unknown_key, "[boot]\nsystemd true").status == "warn"


@pytest.mark.parametrize(("version", "status"), [(b"2.3.26.0", "warn"), (b"2.6.1.0", "info"), (None, "info")])
def test_windows_ends_of_lines_stop_older_versions(machine: FolderMachine, version: bytes | None, status: str):
    if version:
        machine.program("/bin/wslinfo")
    text = HEALTHY.replace("\n", "\r\n")
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, text, commands={"/bin/wslinfo --version -n": version})
    assert verdict.status == status
    assert after_command(machine, verdict) == HEALTHY


def test_no_edit_is_made_in_lines_of_windows(machine: FolderMachine):
    verdict = check_conf(machine, wsl_conf.wsl_conf_unknown_key, "[boot]\r\ninit = true\r\n")
    assert verdict.remedies[0].edits == ()
    assert after_command(machine, verdict) == "[boot]\r\n# init = true\r\n"


def test_of_a_key_set_twice_the_first_counts_and_the_second_is_taken_out(machine: FolderMachine):
    text = "[interop]\nappendWindowsPath = true\n[boot]\nsystemd = true\n[Interop]\nappendwindowspath = false\n"
    verdict = check_conf(machine, wsl_conf.wsl_conf_duplicate, text)
    assert verdict.status == "warn"
    assert verdict.evidence == (
        "/etc/wsl.conf:6: appendwindowspath = false: does not count, line 2 has set it to true",
    )
    mended = edited(machine, verdict)
    assert mended.endswith("\n# appendwindowspath = false\n")
    assert after_command(machine, verdict) == mended


@pytest.mark.parametrize(
    ("times", "words"), [(2, "/etc/wsl.conf sets a key twice"), (3, "/etc/wsl.conf sets 2 keys twice")]
)
def test_the_same_twice_does_no_harm(machine: FolderMachine, times: int, words: str):
    verdict = check_conf(machine, wsl_conf.wsl_conf_duplicate, "[boot]\n" + "systemd = true\n" * times)
    assert (verdict.status, verdict.summary) == ("info", f"{words}, to the same")


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("appendWindowsPath = no   # wanted", "appendWindowsPath = false   # wanted"),
        ('appendWindowsPath="Off"', "appendWindowsPath=false"),
        ("appendWindowsPath = yes", "appendWindowsPath = true"),
    ],
)
def test_a_word_that_is_no_boolean_is_written_as_one(machine: FolderMachine, line: str, mended: str):
    verdict = check_conf(machine, wsl_conf.wsl_conf_boolean, f"[interop]\n{line}\n")
    assert verdict.status == "warn"
    assert "not true, false, 1 or 0; the default, true, holds" in verdict.evidence[0]
    assert edited(machine, verdict) == after_command(machine, verdict) == f"[interop]\n{mended}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[interop]\nenabled = maybe\n", "not true, false, 1 or 0"),
        ("[boot]\ninitTimeout = 10s\n", "not an integer; the default, 10000, holds"),
        ("[automount]\ncgroups = v3\n", "not one of v1, v2"),
    ],
)
def test_a_value_whose_meaning_is_not_known_is_told_without_an_edit(machine: FolderMachine, text: str, why: str):
    verdict = check_conf(machine, wsl_conf.wsl_conf_boolean, text)
    assert verdict.status == "warn"
    assert why in verdict.evidence[0]
    assert not any(remedy.edits for remedy in verdict.remedies)


def test_a_value_that_does_not_count_is_left_to_the_other_check(machine: FolderMachine):
    assert check_conf(machine, wsl_conf.wsl_conf_boolean, "[boot]\nsystemd = true\nsystemd = yes\n").status == "ok"


def test_the_distribution_is_named_as_powershell_takes_it(machine: FolderMachine):
    machine.become_wsl()
    machine.write(CONF, "[boot]\ninit = true\n")
    for name, command in (("It's mine", "wsl.exe --terminate 'It''s mine'"), ("", "wsl.exe --shutdown")):
        verdict = judge(wsl_conf.wsl_conf_unknown_key, look_at(machine, {"WSL_DISTRO_NAME": name}))
        assert verdict.remedies[-1].command == command


# .wslconfig.

PROFILE = answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, "C:\\Users\\me")}, "/v", "USERPROFILE")


def check_wslconfig(machine: FolderMachine, text: str | None) -> Verdict:
    machine.directory("/mnt/c/Users/me")
    if text is not None:
        machine.write("/mnt/c/Users/me/.wslconfig", text)
    return judge(wsl_conf.wslconfig_key, look_at(machine, make_interop(machine), commands={**lxss(), **PROFILE}))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[wsl2]\r\nmemory = 8GB\r\nnetworkingMode=Mirrored\r\nkernel=C:\\\\k\r\n",
        "[experimental]\nautoMemoryReclaim=gradual\n",
    ],
)
def test_a_wslconfig_that_wsl_understands_is_well(machine: FolderMachine, text: str | None):
    assert check_wslconfig(machine, text).status == "ok"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[interop]\nappendWindowsPath = false\n", "interop.appendWindowsPath belongs in /etc/wsl.conf"),
        ("[boot]\nsystemd = true\n", "boot.systemd belongs in /etc/wsl.conf"),
        ("[wsl2]\nautoProxy = off\n", "not true, false, 1 or 0; the default, true, holds"),
        ("[wsl2]\nnetworkingMode = bridge\n", "not one of none, nat, bridged"),
        ("[wsl2]\nkernel = C:\\kernels\n", "after \\"),
        ("[wsl 2]\nmemory = 8GB\n", "expected letters and digits, then ]"),
        ("[experimental]\nautoProxy = false\n[wsl2]\nautoProxy = true\n", "does not count, line 2 has set it to false"),
    ],
)
def test_a_line_of_wslconfig_that_does_not_do_what_it_says_is_told(machine: FolderMachine, text: str, says: str):
    verdict = check_wslconfig(machine, text)
    assert verdict.status == "warn"
    assert says in "".join(verdict.evidence)
    assert verdict.remedies[-1].command == "wsl.exe --shutdown"
    assert not any(remedy.edits for remedy in verdict.remedies)


def test_a_comment_behind_a_semicolon_in_wslconfig_is_only_told(machine: FolderMachine):
    verdict = check_wslconfig(machine, "; my config\r\n[wsl2]\r\nmemory=8GB\r\n")
    assert verdict.status == "info"
    assert verdict.summary.endswith("has a line that does not do what it says")
    assert verdict.remedies == ()
    verdict = check_wslconfig(machine, "; my config\nmy config\n[wsl2]\nmemory=8GB\n")
    assert verdict.status == "warn"
    assert verdict.summary.endswith("has 2 lines that do not do what they say")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("useWindowsDnsCache = false", ""),
        ("pageReporting = false", ""),
        ("ipv4 = true", ""),
        ("swapSize = 1GB", ""),
        ("networkMode = nat", "; did you mean wsl2.networkingMode?"),
        ("Processor = 2", "; did you mean wsl2.processors?"),
        ("autoMemoryReclaim = gradual", "; did you mean experimental.autoMemoryReclaim?"),
    ],
)
def test_another_key_is_named_only_where_it_was_surely_meant(machine: FolderMachine, line: str, hint: str):
    (told,) = check_wslconfig(machine, f"[wsl2]\n{line}\n").evidence
    assert told.endswith(f"no key that WSL is known to have{hint}")


def test_an_unknown_key_of_wslconfig_is_only_told(machine: FolderMachine):
    verdict = check_wslconfig(machine, "[wsl2]\nlocalhostForwading = true\n")
    assert verdict.status == "info"
    assert "did you mean wsl2.localhostForwarding?" in verdict.evidence[0]


def test_wslconfig_is_unknown_where_windows_can_not_be_asked(machine: FolderMachine):
    machine.become_wsl()
    verdict = judge(wsl_conf.wslconfig_key, look_at(machine))
    assert verdict.status == "skip"
    assert "no handler for Windows programs" in verdict.summary

"""The registry, read from what reg.exe prints."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.look import Look, Options, UnknownError
from goshim.doctor.machine import registry
from tests.doctor.described import DescribedHost, look_at, make_interop
from tests.doctor.reg_exe import GUID, LIST, TEXT, WORD, answer, asked, full, lxss, printed
from tests.machine import FolderMachine
from tests.tables import for_each

CHINESE = "C:\\Users\\张三\\wsl"


def look(machine: FolderMachine, *answers: dict[str, Any], options: Options | None = None, **variables: str) -> Look:
    commands = {words: told for each in answers for words, told in each.items()}
    return look_at(machine, {**make_interop(machine), **variables}, options=options, commands=commands)


def with_lxss(machine: FolderMachine, output: bytes, *answers: dict[str, Any]) -> Look:
    return look(machine, {asked(registry.LXSS, "/s"): output}, *answers)


def test_keys_and_values_are_those_that_were_printed(machine: FolderMachine):
    found = look(machine, lxss(Flags=(WORD, "0xF")))(registry.lxss)
    assert [key.name for key in found] == [full(registry.LXSS), full(rf"{registry.LXSS}\{GUID}")]
    assert found[0].text("defaultversion") == "0x2"
    assert found[1].get("FLAGS") == registry.Value(WORD, "0xF")
    assert found[1].get("Flags").number == 15
    assert found[1].get("nothing") is None
    assert found[1].get("BasePath").number is None


@for_each(
    "line, name, kind, text",
    [
        ("    A name with blanks    REG_SZ    a  b    c", "A name with blanks", "REG_SZ", "a  b    c"),
        ("    (默认)    REG_SZ    ", "(默认)", "REG_SZ", ""),
        ("    Empty    REG_SZ", "Empty", "REG_SZ", ""),
        ("    Path    REG_EXPAND_SZ    %SystemRoot%;C:\\a", "Path", "REG_EXPAND_SZ", "%SystemRoot%;C:\\a"),
        ("    C:\\Go Files (x86)    REG_DWORD    0x0", "C:\\Go Files (x86)", "REG_DWORD", "0x0"),
        ("    Odd    REG_SZ    x    REG_SZ    y", "Odd", "REG_SZ", "x    REG_SZ    y"),
        ("    Blob    REG_BINARY    00FF", "Blob", "REG_BINARY", "00FF"),
    ],
)
def test_each_shape_of_a_value_is_understood(line: str, name: str, kind: str, text: str):
    (key,) = registry.parse(f"\r\nHKEY_CURRENT_USER\\Environment\r\n{line}\r\n\r\n", "HKCU\\Environment")
    assert key.values == {name: registry.Value(kind, text)}


def test_the_strings_of_a_list_are_parted(machine: FolderMachine):
    text = r"HOSTTYPE=x86_64\0PATH=/usr/bin:/bin\0A=b c"
    key = look(machine, lxss(DefaultEnvironment=(LIST, text)))(registry.distribution)
    assert key.get("DefaultEnvironment").strings == ("HOSTTYPE=x86_64", "PATH=/usr/bin:/bin", "A=b c")


def test_a_text_of_several_lines_stays_one_value():
    text = "HKEY_CURRENT_USER\\Environment\r\n    A    REG_SZ    one\r\ntwo\r\n    B    REG_SZ    three\r\n"
    (key,) = registry.parse(text, "HKCU\\Environment")
    assert (key.text("A"), key.text("B")) == ("one\ntwo", "three")


def test_a_missing_key_is_no_key_whatever_the_message(machine: FolderMachine):
    assert look(machine, answer(registry.LXSS_MANAGER, None, "/s"), lxss())(registry.lxss_manager) == ()
    assert look(machine, answer(registry.USER_ENVIRONMENT, None), lxss())(registry.user_environment).values == {}


def test_a_key_without_values_is_printed_as_nothing(machine: FolderMachine):
    assert look(machine, lxss(), {asked(registry.LXSS_MANAGER, "/s"): b"\r\n"})(registry.lxss_manager) == ()


@pytest.mark.parametrize(
    "told", [b"Hello\r\n", b"\x7fELF\x02\x01\x01\0\0\0", b"HKEY_CURRENT_USER\\Other\r\n", b"\xff\xfe\xd8"]
)
def test_rubbish_is_no_registry(machine: FolderMachine, told: bytes):
    with pytest.raises(UnknownError, match="what is no registry key"):
        with_lxss(machine, told)(registry.lxss)


@pytest.mark.parametrize(
    ("told", "reason"),
    [("no answer within 4.5 s", "no answer within"), ("exec format error", "exec format"), (5, "exit code 5")],
)
def test_a_query_that_fails_says_why(machine: FolderMachine, told: Any, reason: str):
    with pytest.raises(UnknownError, match=f"the registry can't be read: reg.exe: {reason}"):
        look(machine, {asked(registry.LXSS, "/s"): told})(registry.lxss)


def test_who_did_not_answer_is_not_asked_again(machine: FolderMachine):
    silent = look(machine, {asked(registry.LXSS, "/s"): "no answer within 4.5 s"})
    with pytest.raises(UnknownError, match="no answer within"):
        silent(registry.lxss_manager)
    assert not any(kind == "command" and "LxssManager" in subject for kind, subject in silent.host.answers)


class RelayFails(DescribedHost):
    """WSL's relay is started and can't reach Windows; its exit code is the one of a missing key."""

    def _command(self, subject: str) -> dict[str, Any]:
        errors = b"<3>WSL (66 - ) ERROR: UtilConnectUnix:524: connect failed 111\n"
        return {**super()._command(subject), "code": 1, "output": b"", "errors": errors, "error": ""}


def test_a_dead_socket_is_told_from_a_missing_key(machine: FolderMachine):
    dead = Look(RelayFails({**make_interop(machine)}, "/", machine.root))
    with pytest.raises(UnknownError, match="connect failed 111"):
        dead(registry.lxss)
    machine.program("/mnt/c/Windows/System32/reg.exe")
    assert "connect failed" in dead(registry.refusal)


# Code pages.


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
    ],
)
def test_unicode_needs_no_code_page(machine: FolderMachine, encode: Any):
    output = lxss(BasePath=(TEXT, CHINESE))[asked(registry.LXSS, "/s")]
    seen = with_lxss(machine, encode(output.decode()))
    assert seen(registry.distribution).text("BasePath") == CHINESE
    assert not any("CodePage" in subject for _, subject in seen.host.answers)


@pytest.mark.parametrize(
    ("page", "path", "name"),
    [
        ("936", CHINESE, "张三"),
        ("932", "C:\\Users\\表示\\wsl", "表"),
        ("850", "C:\\Users\\Jürgen", "Jürgen"),
        ("866", "C:\\Иван", "Иван"),
    ],
)
def test_windows_says_which_code_page_it_prints(machine: FolderMachine, page: str, path: str, name: str):
    output = lxss(BasePath=(TEXT, path), DistributionName=(TEXT, name))[asked(registry.LXSS, "/s")]
    pages = answer(registry.CODE_PAGES, {"OEMCP": (TEXT, page)}, "/v", "OEMCP")
    seen = look(machine, {asked(registry.LXSS, "/s"): output.decode().encode(f"cp{page}")}, pages, WSL_DISTRO_NAME=name)
    assert seen(registry.distribution).text("BasePath") == path


@pytest.mark.parametrize("pages", [{}, answer(registry.CODE_PAGES, {"OEMCP": (TEXT, "31337")}, "/v", "OEMCP")])
def test_of_an_unknown_code_page_what_is_ascii_still_holds(machine: FolderMachine, pages: dict[str, Any]):
    output = lxss(BasePath=(TEXT, CHINESE))[asked(registry.LXSS, "/s")]
    key = with_lxss(machine, output.decode().encode("cp936"), pages)(registry.distribution)
    assert key.get("Flags").number == 15
    assert key.text("BasePath").startswith("C:\\Users\\\ufffd")


# What is asked.


def test_a_distribution_that_is_not_registered_is_unknown(machine: FolderMachine):
    for name, reason in (("Other", "no distributions named Other"), ("", "WSL_DISTRO_NAME is not set")):
        with pytest.raises(UnknownError, match=reason):
            look(machine, lxss(), WSL_DISTRO_NAME=name)(registry.distribution)


def test_exclusions_are_the_names_of_values(machine: FolderMachine):
    excluded = {"C:\\Go Files": (WORD, "0x0"), "D:\\": (WORD, "0x0")}
    seen = look(machine, lxss(), answer(registry.DEFENDER_EXCLUSIONS, excluded))
    assert seen(registry.defender_exclusions) == ("C:\\Go Files", "D:\\")


def test_exclusions_that_only_an_administrator_may_read_are_unknown(machine: FolderMachine):
    with pytest.raises(UnknownError, match="administrator"):
        look(machine, lxss(), answer(registry.DEFENDER_EXCLUSIONS, None))(registry.defender_exclusions)


def profile(path: str) -> dict[str, Any]:
    return answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, path)}, "/v", "USERPROFILE")


def test_the_profile_is_a_windows_path(machine: FolderMachine):
    assert look(machine, lxss(), profile("D:\\Home\\me"))(registry.profile) == "D:\\Home\\me"


def test_a_profile_that_can_not_be_decoded_is_unknown(machine: FolderMachine):
    told = {words: output.decode().encode("cp936") for words, output in profile(CHINESE).items()}
    with pytest.raises(UnknownError, match="profile"):
        look(machine, lxss(), told)(registry.profile)


def test_windows_that_must_not_be_asked_is_not(machine: FolderMachine):
    seen = look(machine, lxss(), options=Options(windows=False))
    with pytest.raises(UnknownError, match="--no-windows"):
        seen(registry.lxss)
    assert not any(kind == "command" for kind, _ in seen.host.answers)


def test_what_is_printed_can_be_read_back():
    values = {"A b": (TEXT, "c"), "Flags": (WORD, "0x7")}
    (key,) = registry.parse(printed({registry.LXSS: values}), registry.LXSS)
    assert {name: (value.type, value.text) for name, value in key.values.items()} == values

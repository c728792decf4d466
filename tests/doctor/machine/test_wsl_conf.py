"""wsl.conf and .wslconfig, read as WSL reads them."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import wsl_keys
from goshim.doctor.formats.wsl_config import boolean, integer, parse
from goshim.doctor.machine import registry, wsl_conf, wslconfig
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import TEXT, answer, lxss
from tests.machine import FolderMachine
from tests.tables import for_each


def read(text: str, *, stops: bool = True) -> list[tuple[int, str, str]]:
    return [(each.line, each.key, each.value) for each in parse("f", text, stops=stops).entries if each.is_read]


@for_each(
    "text, key, value",
    [
        ("[boot]\nsystemd=true\n", "boot.systemd", "true"),
        ("  [boot]  # why\n\t systemd\t =  true \t# why\n", "boot.systemd", "true"),
        ("[boot]\r\nsystemd = true\r\n", "boot.systemd", "true"),
        ("[boot]\nsystemd=true", "boot.systemd", "true"),
        ("systemd=true\n", "systemd", "true"),
        ("[BOOT]\nSystemD=TRUE\n", "BOOT.SystemD", "TRUE"),
        ('[a]\nk = " kept blanks "  \n', "a.k", " kept blanks "),
        ('[a]\nk = "x # y" # z\n', "a.k", "x # y"),
        ("[a]\nk = x#y\n", "a.k", "x"),
        (r"[a]" + "\n" + r"k = C:\\wsl\\kernel \"x\" a\tb" + "\n", "a.k", 'C:\\wsl\\kernel "x" a\tb'),
        ("[a]\nk = one \\\n   two\n", "a.k", "one    two"),
        ("[a]\nk =\n", "a.k", ""),
        ("[a]\nk = 张三\n", "a.k", "张三"),
    ],
)
def test_a_value_is_read_as_wsl_reads_it(text: str, key: str, value: str):
    assert [each[1:] for each in read(text)] == [(key, value)]


def test_lines_are_those_of_the_file():
    config = parse("f", "# one\r\n[a]\r\n\r\nk = x \\\n y\nl = z\r\n", stops=True)
    assert [(each.line, each.lines, each.raw) for each in config.entries] == [(4, 2, "k = x \\"), (6, 1, "l = z")]
    assert config.has_crlf


@for_each(
    "line",
    [
        "; a comment of other files",
        "---",
        "systemd true",
        "[boot",
        "[boot] x",
        "[a-b]",
        "a-b = 1",
        'k = "open',
        r"k = C:\x",
        "= 1",
    ],
)
def test_wsl_conf_is_read_up_to_the_first_line_that_is_none(line: str):
    text = f"[a]\nk = 1\n{line}\nl = 2\n"
    config = parse("f", text, stops=True)
    assert [each.key for each in config.entries if each.is_read] == ["a.k"]
    assert [(each.line, each.raw) for each in config.faults] == [(3, line)]
    assert len(read(text, stops=False)) == 2


def test_below_a_section_that_is_none_keys_get_a_mangled_name():
    assert read("[wsl2]\nk = 1\n[my-own]\nl = 2\n[experimental x]\nm = 3\n", stops=False)[1:] == [
        (4, "my", "2"),
        (6, "expe.m", "3"),
    ]


def test_a_byte_order_mark_hides_all_of_wsl_conf():
    assert read("\ufeff[boot]\nsystemd = true\n") == []


def test_the_first_of_two_counts():
    assert parse("f", "[a]\nk = 1\nK = 2\n", stops=True).values == {"a.k": "1"}


def test_a_key_that_was_experimental_has_its_later_name():
    config = parse("f", "[experimental]\nautoProxy = false\n[wsl2]\nautoProxy = true\n", stops=False)
    assert config.values == {"wsl2.autoproxy": "false"}
    assert config.truth("wsl2.autoProxy") is False
    assert config.truth("wsl2.firewall") is None


@for_each(
    "text, value",
    [("true", True), ("TRUE", True), ("1", True), ("False", False), ("0", False), ("yes", None), ("", None)],
)
def test_a_boolean_is_one_of_four_words(text: str, value: object):
    assert boolean(text) is value


@for_each(
    "text, value",
    [
        ("10", 10),
        ("022", 18),
        ("0x1F", 31),
        ("-5", -5),
        ("+7", 7),
        ("0", 0),
        ("08", None),
        ("0x", None),
        ("1s", None),
        ("", None),
        ("2147483648", None),
        ("-2147483648", -(2**31)),
    ],
)
def test_an_integer_is_what_strtol_takes_for_one(text: str, value: int | None):
    assert integer(text) == value


def test_wsl_conf_that_is_not_there_sets_nothing(machine: FolderMachine):
    assert look_at(machine)(wsl_conf.values) == {}


def test_wsl_conf_that_can_not_be_read_is_told(machine: FolderMachine):
    machine.directory("/etc/wsl.conf")
    with pytest.raises(UnreadableError, match="a directory"):
        look_at(machine)(wsl_conf.config)


def test_bytes_that_are_no_text_do_no_harm(machine: FolderMachine):
    machine.write("/etc/wsl.conf", b"# \xff\n[user]\ndefault = m\xe9\n")
    assert look_at(machine)(wsl_conf.values) == {"user.default": "m\udce9"}


# The table of keys.


def test_each_row_has_a_type_that_is_known_and_a_default_of_it():
    for file in ("wsl.conf", ".wslconfig"):
        for key, row in wsl_keys.known(file).items():
            assert key.count(".") == 1
            assert row["type"] in ("bool", "integer", "size", "path", "text") or "|" in row["type"], key
            if "default" in row and row["type"] == "bool":
                assert boolean(row["default"]) is not None, key
            if "default" in row and row["type"] == "integer" and row["default"] != "all":
                assert integer(row["default"]) is not None, key
            if "alias_of" in row:
                assert row["alias_of"] in wsl_keys.known(file)


def test_folklore_is_no_key_and_has_a_source():
    for where in ("wsl.conf", "registry"):
        assert wsl_keys.folklore(where)
        for name, row in wsl_keys.folklore(where).items():
            assert not wsl_keys.find(wsl_keys.known("wsl.conf"), name)
            assert row["truth"]
            assert row["source"]


# .wslconfig.


def with_profile(machine: FolderMachine, path: str = "C:\\Users\\me", **told: Any) -> Look:
    commands = {**lxss(), **answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, path)}, "/v", "USERPROFILE")}
    return look_at(machine, make_interop(machine), commands=commands, **told)


@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: text.encode("utf-16")]
)
def test_wslconfig_is_read_from_the_profile_in_each_encoding_that_wsl_reads(machine: FolderMachine, encode: Any):
    machine.write(
        "/mnt/d/Home/me/.wslconfig", encode("[wsl2]\r\nnetworkingMode = mirrored\r\nkernelCommandLine = a \\\r\nb\r\n")
    )
    look = with_profile(machine, "D:\\Home\\me")
    assert look(wslconfig.path) == "/mnt/d/Home/me/.wslconfig"
    assert look(wslconfig.values) == {"wsl2.networkingmode": "mirrored", "wsl2.kernelcommandline": "a b"}


def test_no_wslconfig_in_the_profile_sets_nothing(machine: FolderMachine):
    machine.directory("/mnt/c/Users/me")
    assert with_profile(machine)(wslconfig.values) == {}


def test_a_profile_that_can_not_be_reached_is_unknown(machine: FolderMachine):
    for path in ("E:\\me", "C:\\Users\\me", "\\\\server\\me"):
        with pytest.raises(UnknownError, match="can't be reached"):
            with_profile(machine, path)(wslconfig.config)


def test_a_wslconfig_that_can_not_be_read_is_unknown(machine: FolderMachine):
    machine.directory("/mnt/c/Users/me/.wslconfig")
    with pytest.raises(UnknownError, match="a directory"):
        with_profile(machine)(wslconfig.config)


def test_no_profile_is_guessed(machine: FolderMachine):
    machine.write("/mnt/c/Users/me/.wslconfig", "[wsl2]\nmemory = 4GB\n")
    with pytest.raises(UnknownError):
        look_at(machine, make_interop(machine))(wslconfig.config)

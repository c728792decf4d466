"""What a config file can have wrong: go does not run, and one message says where, what is allowed, what to do."""

from __future__ import annotations

import os

import pytest

from goshim.base.errors import ConfigError
from goshim.facts.host import READ_LIMIT_BYTES
from goshim.settings.model import LATEST_EPOCH_S, Settings, leaves
from tests.settings.conftest import PROJECT, SYSTEM, USER

POLICIES = '"auto", "always", "never"'
DIRECTORIES = "a list of absolute paths without a colon"
REFUSED = [
    ("toolchain.go", "3", '"auto", an absolute path'),
    ("toolchain.go", '""', '"auto", an absolute path'),
    ("toolchain.go", '"go1.27"', '"auto", an absolute path'),
    ("toolchain.go", '"bin/go"', '"auto", an absolute path'),
    ("toolchain.go", r'"/opt/\u0000go"', '"auto", an absolute path'),
    ("path.windows", '"first"', '"last", "drop", "keep"'),
    ("path.windows", "true", '"last", "drop", "keep"'),
    ("path.prepend", '"/opt/bin"', DIRECTORIES),
    ("path.prepend", '["bin"]', DIRECTORIES),
    ("path.prepend", "[1]", DIRECTORIES),
    ("path.append", '["/a:/b"]', DIRECTORIES),
    ("path.append", r'["/a\u0000"]', DIRECTORIES),
    ("path.append", "{}", DIRECTORIES),
    ("cgo.enabled", '"yes"', '"inherit", true, false'),
    ("cgo.enabled", "1", '"inherit", true, false'),
    ("cgo.enabled", '"true"', '"inherit", true, false'),
    ("proxy.mode", '"off"', '"inherit", "drop"'),
    ("proxy.http", "3128", "a string"),
    ("proxy.https", '["http://x"]', "a string"),
    ("proxy.https", r'"http://\u0000"', "a string"),
    ("proxy.no_proxy", '"localhost"', "a list of strings"),
    ("proxy.no_proxy", "[[]]", "a list of strings"),
    ("epoch.source", '"now"', f'"inherit", "git", "off", a whole number from 0 to {LATEST_EPOCH_S}'),
    ("epoch.source", "-1", f'"inherit", "git", "off", a whole number from 0 to {LATEST_EPOCH_S}'),
    ("epoch.source", str(LATEST_EPOCH_S + 1), f"a whole number from 0 to {LATEST_EPOCH_S}"),
    ("epoch.source", "1.5", f"a whole number from 0 to {LATEST_EPOCH_S}"),
    ("epoch.source", "true", f"a whole number from 0 to {LATEST_EPOCH_S}"),
    ("epoch.source", '"1700000000"', f"a whole number from 0 to {LATEST_EPOCH_S}"),
    ("epoch.override", '"no"', "true, false"),
    ("epoch.override", "0", "true, false"),
    ("module_cache.location", '"linux"', '"inherit", "native"'),
    ("rules.off", '"cgo-invalid"', "a list of strings"),
    ("rules.off", "[true]", "a list of strings"),
    ("retry.locks", '"yes"', POLICIES),
    ("retry.prefetch", "true", POLICIES),
    ("retry.lock_budget_s", "-1", "a number from 0 to 3600"),
    ("retry.lock_budget_s", "3600.1", "a number from 0 to 3600"),
    ("retry.lock_budget_s", "nan", "a number from 0 to 3600"),
    ("retry.lock_budget_s", "inf", "a number from 0 to 3600"),
    ("retry.lock_budget_s", '"60"', "a number from 0 to 3600"),
    ("retry.lock_budget_s", "true", "a number from 0 to 3600"),
    ("retry.first_wait_s", "0", "a number from 0.001 to 60"),
    ("retry.first_wait_s", "61", "a number from 0.001 to 60"),
    ("retry.max_wait_s", "0.0", "a number from 0.001 to 300"),
    ("retry.max_wait_s", "[]", "a number from 0.001 to 300"),
    ("retry.network_tries", "-1", "a whole number from 0 to 100"),
    ("retry.network_tries", "101", "a whole number from 0 to 100"),
    ("retry.network_tries", "4.0", "a whole number from 0 to 100"),
    ("retry.network_budget_s", "1979-05-27", "a number from 0 to 3600"),
    ("retry.quiet", "1", "true, false"),
    ("trust.untrusted", '"allow"', '"ignore", "refuse"'),
    ("doctor.windows", '"no"', "true, false"),
    ("min_version", "0.1", 'a version such as "0.1"'),
    ("min_version", '"new"', 'a version such as "0.1"'),
    ("min_version", '"0."', 'a version such as "0.1"'),
    ("min_version", '"\u00b2"', 'a version such as "0.1"'),
    ("env.GOFLAGS", "1", 'strings, NAME = "value"'),
    ("env.GOFLAGS", r'"\u0000"', 'strings, NAME = "value"'),
    ("env.GOFLAGS", '["-mod=mod"]', 'strings, NAME = "value"'),
    ('env."A=B"', '"x"', 'strings, NAME = "value"'),
    ('env.""', '"x"', 'strings, NAME = "value"'),
    ("env.IFS", '"x"', "a variable that bash does not manage itself"),
    ('env."1A"', '"x"', 'strings, NAME = "value"'),
]


@pytest.mark.parametrize(("key", "value", "allowed"), REFUSED, ids=[f"{key} = {value}" for key, value, _ in REFUSED])
def test_a_value_that_is_not_allowed_is_named_with_its_place(load, key, value, allowed):
    with pytest.raises(ConfigError) as caught:
        load(f"# a comment\n\n{key} = {value}\n")
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert message.startswith(f"{USER}:3: {key.replace(chr(34), '')} = ")
    assert allowed in message
    assert "GOSHIM=off" in message
    assert message.count("\n") == 1


def test_each_setting_has_a_value_that_is_refused():
    refused = {tuple(key.split(".")) for key, _, _ in REFUSED}
    for key, _, _ in leaves(Settings()):
        assert key in refused or key == ("env",)


@pytest.mark.parametrize("section", sorted({key[0] for key, _, _ in leaves(Settings()) if len(key) > 1} | {"env"}))
@pytest.mark.parametrize("value", ["3", "[]", '"x"'])
def test_a_section_that_is_no_table_is_refused(load, section, value):
    with pytest.raises(ConfigError, match=f"^{USER}:2: {section} = "):
        load(f"\n{section} = {value}\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[path]\nwindows = 'last'\nwindows = 'drop'\n", 3),
        ("a = = 1\n", 1),
        ("[path\n", 1),
        ("a = 1\n\n[a]\n", 3),
        ('x = """\n\n', 3),
        ("x = 1\x00\n", 1),
        ("a = 1\r\n\r\nb == 2\r\n", 3),
    ],
    ids=["key twice", "two equals", "open header", "table over a value", "open string", "NUL", "Windows line ends"],
)
def test_what_is_not_toml_is_refused_with_its_line(load, text, line):
    with pytest.raises(ConfigError, match=rf"^{USER}:{line}: not TOML: ") as caught:
        load(text)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b"\xff", 1, id="first byte"),
        pytest.param(b"# ok\n[path]\nwindows = '\xe9'\n", 3, id="Latin 1"),
        pytest.param(b"\xff\xfea\x00=\x001\x00", 1, id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf# ok\n\xff\n", 2, id="after a byte order mark"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_line(load, data, line):
    with pytest.raises(ConfigError, match=rf"^{USER}:{line}: not UTF-8"):
        load(data)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(load):
    assert load(b"\xef\xbb\xbf[path]\r\nwindows = 'drop'\r\n").settings.path.windows == "drop"
    with pytest.raises(ConfigError, match=f"^{USER}:2: path.windows"):
        load(b"\xef\xbb\xbf[path]\r\nwindows = 'dropp'\r\n")


def directory(path):
    os.makedirs(path)


def fifo(path):
    os.makedirs(os.path.dirname(path))
    os.mkfifo(path)


def loop(path):
    os.makedirs(os.path.dirname(path))
    os.symlink(path, path)


def dangling(path):
    os.makedirs(os.path.dirname(path))
    os.symlink("/absent", path)


def too_large(path):
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"#" * READ_LIMIT_BYTES + b"\n")


@pytest.mark.parametrize("make", [directory, fifo, loop, dangling, too_large])
@pytest.mark.parametrize("path", [USER, SYSTEM, PROJECT])
def test_what_is_no_file_of_text_is_refused(load, machine, make, path):
    make(machine.root + path)
    with pytest.raises(ConfigError, match=f"^{path}: ") as caught:
        load(in_project=path == PROJECT)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = " + "[" * 100_000, id="open arrays"),
        pytest.param("x = " + "[" * 50_000 + "]" * 50_000, id="arrays"),
        pytest.param("x = " + "{a=" * 20_000 + "1" + "}" * 20_000, id="inline tables"),
        pytest.param("path.windows = " + "[" * 400 + "]" * 400, id="a known key, as deep as TOML can be read"),
        pytest.param("path.windows." + "a." * 2000 + "a = 1", id="a known key, deep by dots"),
        pytest.param("[env." + "a." * 2000 + "a]", id="a variable, deep by dots"),
        pytest.param("epoch.source = " + "9" * 5000, id="a number too long"),
        pytest.param('min_version = "' + "9" * 5000 + '"', id="a version too long"),
    ],
)
def test_what_nests_too_deep_or_is_too_long_is_refused_like_any_mistake(load, text):
    with pytest.raises(ConfigError, match=rf"^{USER}:\d: "):
        load(text + "\n")


def test_a_key_has_at_most_twenty_parts(load):
    assert load("a." * 19 + "a = 1\n").notes
    for text in ("a." * 20 + "a = 1\n", "[" + "a." * 20 + "a]\n", "x = {" + "a . " * 20 + "a = 1}\n"):
        with pytest.raises(ConfigError, match=r":3: a key of 21 parts\n  allowed: at most 20 parts"):
            load("\n\n" + text)


def test_a_project_file_is_at_most_64_kb(load):
    head, tail = "[path]\nwindows = 'drop'\n#", "\n"
    longest = head + "x" * ((64 << 10) - len(head + tail)) + tail
    assert load(project=longest).settings.path.windows == "drop"
    with pytest.raises(ConfigError, match=r"65537 bytes long\n  allowed: a project file of at most 64 KB"):
        load(project=longest + "\n")
    assert load(user=longest + "\n").settings.path.windows == "drop"


def test_of_many_unknown_names_the_first_are_reported_and_the_others_counted(load):
    notes = load("".join(f"key{number} = 1\n" for number in range(3000))).notes
    assert len(notes) == 21
    assert notes[-1] == f"{USER}: 2980 more unknown keys, ignored"
    notes = load(**{f"GOSHIM_X{number}": "" for number in range(3000)}, user="").notes
    assert len(notes) == 21
    assert notes[-1] == "2980 more unknown variables named GOSHIM_…, ignored"


def test_a_name_of_any_length_is_no_work_to_report(load):
    (note,) = load("x" * 60000 + " = 1\n").notes
    assert "did you mean" not in note


@pytest.mark.parametrize("path", ["/proc/self/mem", "/proc/self/attr/current"])
def test_a_link_to_what_the_kernel_refuses_to_read_is_an_error_of_the_file(load, machine, path):
    machine.at(PROJECT).parent.mkdir(parents=True, exist_ok=True)
    os.symlink(path, machine.at(PROJECT))
    with pytest.raises(ConfigError, match=f"^{PROJECT}: ") as caught:
        load(in_project=True)
    assert caught.value.exit_code == 2


def test_an_error_that_quotes_the_file_is_not_taken_for_a_place(load):
    text = '["a (at line x,"]\n'
    with pytest.raises(ConfigError, match=r":2: not TOML: .*a \(at line x,"):
        load(project=text + text)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("\n[path]\nwindow = 'drop'\n", ":3: path.window: unknown key, ignored; did you mean path.windows?"),
        ("minversion = '1'\n", ":1: minversion: unknown key, ignored; did you mean min_version?"),
        ("zzz = 1\n", ":1: zzz: unknown key, ignored"),
        ("\n[retri]\nquiet = true\n", ":2: retri: unknown key, ignored"),
        ("\n\n[retri.more]\nquiet = true\n", ":3: retri: unknown key, ignored"),
        ("\n\nretri.quiet = true\n", ":3: retri: unknown key, ignored"),
        ("\n[[plugins]]\nname = 'x'\n", ":2: plugins: unknown key, ignored"),
        ("\n[cgo.flags]\nx = 1\n", ":2: cgo.flags: unknown key, ignored"),
    ],
)
def test_an_unknown_key_is_ignored_and_told_with_the_nearest(load, text, note):
    loaded = load(text)
    assert loaded.settings == Settings()
    assert len(loaded.notes) == 1
    assert loaded.notes[0].startswith(USER + note)


def test_a_leaf_made_a_table_is_refused_on_its_line(load):
    for text in ("\n[path.windows]\nx = 1\n", "\npath.windows.x = 1\n"):
        with pytest.raises(ConfigError, match=f"^{USER}:2: path.windows = "):
            load(text)


@pytest.mark.parametrize("version", ["999", "0.1.1", "0.1.0.1", "999999999999999999999"])
def test_a_version_that_is_newer_refuses_whatever_else_the_file_says(load, version):
    with pytest.raises(ConfigError, match=f"^{USER}:3: min_version: needs goshim {version} or newer") as caught:
        load(f"cgo.enabled = 'newer policy'\n\nmin_version = '{version}'\n")
    assert "upgrade" in str(caught.value)


@pytest.mark.parametrize("version", ["", "0", "0.0.9", "0.1", "0.1.0", "0.01.0"])
def test_a_version_that_is_met_is_no_obstacle(load, version):
    assert load(f"min_version = '{version}'\n").settings.min_version == version


@pytest.mark.parametrize(
    "text",
    [
        "[proxy]\nhttp = ['http://me:hunter2@proxy']\n",
        "[proxy]\nhttps = {address = 'http://me:hunter2@proxy'}\n",
        "[env]\nGITHUB_TOKEN = ['hunter2']\n",
        "[env]\nHTTPS_PROXY = ['http://me:hunter2@proxy']\n",
    ],
)
def test_no_message_holds_a_secret(load, text):
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert "hunter2" not in str(caught.value)

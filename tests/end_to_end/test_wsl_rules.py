"""What goshim changes under WSL, seen from what the real go gets and does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from tests.end_to_end import wsl_machine
from tests.end_to_end.machine import default_signals, unmanaged
from tests.end_to_end.wsl_user import User, running

PROXY, OTHER = "http://proxy.corp.example:3128", "http://other.corp.example:8080"
MODULE, VERSION = "example.com/dep", "v1.0.0"


@pytest.fixture(scope="module")
def machine():
    with running("wsl2") as made:
        yield made


@pytest.fixture(scope="module")
def wsl1():
    with running("wsl1") as made:
        yield made


@pytest.fixture
def user(machine, tmp_path, embedded_go, go_cache):
    return User(machine, tmp_path, embedded_go, go_cache)


@pytest.fixture
def on_c(machine):
    """Makes files on drive C, by their paths in the machine."""

    def put(path, text, mode=0o644):
        place = machine.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)
        return path

    return put


# The machine itself


def test_each_process_finds_itself_in_proc_and_a_windows_drive_in_its_mount_table(user):
    told = user.call(
        "/bin/bash", "-c", "read -r pid rest </proc/self/stat; echo $$ $pid; /bin/cat /proc/self/mountinfo"
    )
    first, *table = told.text.splitlines()
    assert len(set(first.split())) == 1
    assert [line.split(" - ")[1].split()[0] for line in table if " /mnt/c " in line] == ["9p"]
    assert not [line for line in table if "goshim" in line or "fuse" in line]


def test_a_stopped_machine_leaves_no_process_and_no_mount():
    with running("wsl2") as machine:
        machine.run(["sh", "-c", "sleep 1000 & echo $! >/mnt/c/process"])
        program = f"/proc/{machine.at('/mnt/c/process').read_text().strip()}/exe"
        assert os.path.exists(program)
    assert not os.path.exists(program)
    with open("/proc/self/mountinfo") as table:
        assert "goshim-wsl-" not in table.read()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_machine_goes_with_whoever_made_it(machine, sent, tmp_path):
    command = [sys.executable, wsl_machine.__file__, "--", "sh", "-c", "echo $$; exec sleep 1000"]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    given = {"env": env, "stdout": subprocess.PIPE, "preexec_fn": default_signals}  # a test may run with SIGINT ignored
    with subprocess.Popen(command, **given) as maker:
        program = f"/proc/{int(maker.stdout.readline())}/exe"
        maker.send_signal(sent)
    deadline = time.monotonic() + wsl_machine.STOP_LIMIT_S
    while (os.path.exists(program) or os.listdir(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not os.path.exists(program)
    assert os.listdir(tmp_path) == []


# PATH


def test_windows_entries_go_behind_all_others_in_their_order(user):
    mixed = [*user.windows[:2], user.native[0], user.windows[2], *user.native[1:], *user.windows[3:]]
    assert user.received(PATH=":".join(mixed))["PATH"] == ":".join(user.native + user.windows)


@pytest.mark.parametrize(("policy", "kept"), [("drop", False), ("keep", True)])
def test_windows_entries_are_dropped_or_stay_where_the_config_says_so(user, policy, kept):
    user.config.write_text(f'[path]\nwindows = "{policy}"\n')
    mixed = [*user.windows, *user.native]
    assert user.received(PATH=":".join(mixed))["PATH"] == ":".join(mixed if kept else user.native)


def test_entries_of_a_folder_that_only_looks_like_a_drive_stay(user):
    entries = [*user.native[:1], "/mnt/cc/bin", "/mnt/wsl/bin", *user.native[1:]]
    assert user.received(PATH=":".join(entries))["PATH"] == ":".join(entries)


def test_empty_and_relative_entries_are_dropped(user):
    first, *others = user.native
    unsafe = ":".join(["", first, "bin", *others, ".", "..", *user.windows, ""])
    assert user.received(PATH=unsafe)["PATH"] == ":".join(user.native + user.windows)


# Which go


@pytest.mark.parametrize("policy", ["last", "keep"])
def test_a_go_on_a_windows_drive_is_not_taken(user, on_c, policy):
    user.config.write_text(f'[path]\nwindows = "{policy}"\n')
    go = on_c("/mnt/c/tools/bin/go", "#!/bin/sh\necho that of Windows\n", 0o755)
    env = {"PATH": f"{os.path.dirname(go)}:{user.env['PATH']}"}
    assert user.call(go).text == "that of Windows\n"
    for _ in range(2):
        assert user.go("version", env=env) == user.bare("version")


@pytest.mark.parametrize("goroot", ["C:\\Program Files\\Go", "C:/Go", "/mnt/c/Go"])
def test_a_goroot_of_windows_is_unset(user, on_c, goroot):
    on_c("/mnt/c/Go/pkg/tool/linux_amd64/compile", "")
    for _ in range(2):
        assert user.go("env", "GOROOT", env={"GOROOT": goroot}) == user.bare("env", "GOROOT")


# Values of Windows


def test_a_windows_value_is_translated_by_the_mount_table(user):
    got = user.received(GOPATH="C:\\Users\\me\\go;c:/more", GOMODCACHE="C:\\mod", GOBIN="c:/bin/")
    assert got["GOPATH"] == "/mnt/c/Users/me/go:/mnt/c/more"
    assert (got["GOMODCACHE"], got["GOBIN"]) == ("/mnt/c/mod", "/mnt/c/bin")


def test_what_a_go_env_file_named_in_windows_syntax_says_of_cgo_stands(user, on_c):
    on_c("/mnt/c/goenv", "CGO_ENABLED=1\n")
    told = user.bare("env", "CGO_ENABLED", env={"GOENV": "/mnt/c/goenv"})
    assert told.text == "1\n"
    assert user.go("env", "CGO_ENABLED", env={"GOENV": "/mnt/c/goenv"}) == told
    assert user.go("env", "CGO_ENABLED", env={"GOENV": "C:\\goenv"}) == told


def test_a_windows_value_on_a_drive_that_is_not_mounted_is_dropped(user):
    got = user.received(GOPATH="Z:\\go", GOBIN="\\\\server\\share\\bin", GOENV="Z:\\env")
    assert not {"GOPATH", "GOBIN", "GOENV"} & set(got)


@pytest.mark.parametrize("place", ["/mnt/c/Temp", "C:\\Temp"])
def test_temporary_files_do_not_go_to_a_windows_drive(user, place):
    got = user.received(TMPDIR=place, GOTMPDIR=place)
    assert not {"TMPDIR", "GOTMPDIR"} & set(got)


def test_temporary_files_elsewhere_stay_there(user, tmp_path):
    assert user.received(TMPDIR=str(tmp_path), GOTMPDIR=str(tmp_path))["TMPDIR"] == str(tmp_path)


# Proxies


def test_upper_and_lower_case_of_a_proxy_agree(user):
    got = user.received(HTTPS_PROXY=PROXY, https_proxy=OTHER, http_proxy=OTHER)
    assert (got["HTTPS_PROXY"], got["https_proxy"]) == (PROXY, PROXY)
    assert (got["HTTP_PROXY"], got["http_proxy"]) == (OTHER, OTHER)


def test_with_a_pac_url_the_http_proxy_serves_https_too(user):
    got = user.received(WSL_PAC_URL="http://wpad.corp.example/wpad.dat", http_proxy=PROXY)
    assert {got[name] for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")} == {PROXY}


def test_without_a_pac_url_https_stays_without_a_proxy(user):
    assert not {"HTTPS_PROXY", "https_proxy"} & set(user.received(http_proxy=PROXY))


def test_exceptions_in_windows_syntax_become_those_of_go(user):
    got = user.received(NO_PROXY="10.*;192.168.*;<local>;*.corp.example", http_proxy=PROXY)
    assert got["NO_PROXY"] == got["no_proxy"] == "10.0.0.0/8,192.168.0.0/16,*.corp.example"


# The module cache


@pytest.fixture
def module_proxy(tmp_path):
    """A module proxy with one module."""
    place = tmp_path / "proxy" / MODULE / "@v"
    place.mkdir(parents=True)
    (place / "list").write_text(f"{VERSION}\n")
    (place / f"{VERSION}.info").write_text(f'{{"Version":"{VERSION}","Time":"2026-01-01T00:00:00Z"}}')
    (place / f"{VERSION}.mod").write_text(f"module {MODULE}\n")
    with zipfile.ZipFile(place / f"{VERSION}.zip", "w") as file:
        file.writestr(f"{MODULE}@{VERSION}/go.mod", f"module {MODULE}\n")
        file.writestr(f"{MODULE}@{VERSION}/dep.go", "package dep\n")
    return f"file://{tmp_path}/proxy"


@pytest.mark.parametrize("place", ["/mnt/c/mod", "C:\\mod"])
def test_a_module_cache_on_a_windows_drive_is_replaced_and_its_downloads_are_brought_over(user, module_proxy, place):
    on_windows = {"GOMODCACHE": "/mnt/c/mod", "GOPROXY": module_proxy, "GONOSUMDB": "*"}
    assert user.bare("mod", "download", f"{MODULE}@{VERSION}", env=on_windows).code == 0
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    native, env = f"{user.home}/go/pkg/mod", {"GOMODCACHE": place, "GOPROXY": "off", "GONOSUMDB": "*"}
    assert user.received(**env)["GOMODCACHE"] == native
    assert user.go("mod", "download", f"{MODULE}@{VERSION}", env=env).code == 1
    copied = user.goshim("cache", "copy", env=env)
    assert (copied.err, copied.code) == (b"", 0)
    assert user.go("mod", "download", f"{MODULE}@{VERSION}", env=env).code == 0
    assert os.path.exists(f"{native}/{MODULE}@{VERSION}/dep.go")


def test_a_module_cache_of_go_path_on_a_windows_drive_is_replaced_too(user):
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    got = user.received(GOMODCACHE=None, GOPATH="C:\\Users\\me\\go")
    assert got["GOMODCACHE"] == f"{user.home}/go/pkg/mod"


def test_a_module_cache_on_a_windows_drive_stays_unless_the_config_says_otherwise(user):
    assert user.received(GOMODCACHE="/mnt/c/mod")["GOMODCACHE"] == "/mnt/c/mod"


# Building


@pytest.mark.parametrize(("programs", "flags"), [(["gcc"], []), ([], ["-a"])], ids=["C compiler", "no C compiler"])
def test_the_binary_is_that_of_bare_go(user, programs, flags):
    for name in programs:
        (user.tools / name).symlink_to("/bin/true")
    built = []
    for go in (user.go, user.bare):
        assert go("build", *flags, "-o", "hello", "main.go").code == 0
        built.append((user.work / "hello").read_bytes())
    assert built[0] == built[1]


# Plans


def test_a_drive_that_is_mounted_or_goes_makes_the_plan_stale_at_the_very_next_call(user):
    entry, path = "/mnt/d/bin", ":".join([user.native[0], "/mnt/d/bin", *user.native[1:]])
    behind = ":".join([*user.native, entry])
    assert user.received(PATH=path)["PATH"] == path
    user.machine.add_drive("D")
    try:
        assert not user.is_warm("version", env={"PATH": path})
        assert user.received(PATH=path)["PATH"] == behind
    finally:
        user.machine.remove_drive("D")
    assert user.received(PATH=path)["PATH"] == path


def test_a_compiler_that_is_installed_counts_at_the_very_next_call(user):
    assert user.go("env", "CGO_ENABLED").text == "0\n"
    assert user.is_warm("version")
    (user.tools / "gcc").symlink_to("/bin/true")
    assert user.go("env", "CGO_ENABLED").text == "1\n"
    (user.tools / "gcc").unlink()
    assert user.go("env", "CGO_ENABLED").text == "0\n"


# What tells WSL


def test_turned_off_goshim_changes_nothing(user):
    env = {"GOSHIM": "off", "PATH": ":".join(["", *user.windows, *user.native, "bin"])}
    assert unmanaged(user.told(user.launcher, env)) == unmanaged(user.told(user.real, env))


def test_go_gets_what_bare_go_gets_but_for_what_goshim_env_tells(user):
    env = {"PATH": ":".join([*user.windows, *user.native]), "TMPDIR": "C:\\Temp", "http_proxy": PROXY}
    told = user.goshim("env", "--json", env=env)
    assert told.code == 0
    expected = user.told(user.real, env)
    for change in told.json["changes"]:
        expected[change["variable"]] = change["after"]
    expected = {name: value for name, value in expected.items() if value is not None}
    assert unmanaged(user.received(**env)) == unmanaged(expected)
    assert {change["rule"] for change in told.json["changes"]} == {
        "path-windows-last",
        "gccgo-lookup",
        "compiler-lookup",
        "windows-value",
        "tmp-on-windows",
        "proxy-case",
    }


def test_wsl1_is_recognised_by_its_kernel_and_its_drives_by_drvfs(wsl1, tmp_path, embedded_go, go_cache):
    user = User(wsl1, tmp_path, embedded_go, go_cache)
    table = user.call("/bin/cat", "/proc/self/mountinfo").text
    assert " - drvfs C:\\134 " in table
    assert " 9p " not in table
    got = user.received(PATH=":".join([*user.windows, *user.native]), GOBIN="C:\\bin")
    assert got["PATH"] == ":".join(user.native + user.windows)
    assert got["GOBIN"] == "/mnt/c/bin"

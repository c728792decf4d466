"""The same under WSL, as root: what doctor tells to do about /etc/wsl.conf, PATH, interop and certificates."""

from __future__ import annotations

import re

import pytest

from tests.doctor import reg_exe
from tests.doctor.authorities import LOCAL, der, in_utf_16, pem
from tests.end_to_end.doctor.session import Session, State
from tests.end_to_end.doctor.windows import Windows, answers
from tests.end_to_end.wsl_machine import PROGRAMS, SOCKET
from tests.end_to_end.wsl_user import running

PROBLEMS = ("fail", "warn")
CONF = "/etc/wsl.conf"
BEFORE = "# mine; and more\n[boot]\nsystemd = true\n\n"
AFTER = "\n# the end, without a line break"

CONFS = {
    "a key of the web's": ("wsl-conf-unknown-key", "[automount]\nexclude = /mnt/d\n"),
    "a key of the other file": ("wsl-conf-unknown-key", "[wsl2]\nmemory=4GB\n"),
    "a line that is none": ("wsl-conf-unknown-key", "[interop]\nappendWindowsPath\nenabled=true\n"),
    "a key twice": ("wsl-conf-duplicate", "[network]\nhostname=a\nhostname = b\n"),
    "a section twice": ("wsl-conf-duplicate", "[boot]\nsystemd=false\n"),
    "no for false": ("wsl-conf-boolean", "[interop]\nappendWindowsPath = no  # please\n"),
    "off in quotes": ("wsl-conf-boolean", '[interop]\nappendWindowsPath="off"\n'),
    "two of them": ("wsl-conf-boolean", "[interop]\nenabled = Yes\nappendWindowsPath\t=\toff\n"),
}


@pytest.fixture
def machine(wsl2_machine):
    windows = Windows(wsl2_machine)
    windows.registry(*answers())
    windows.clock()
    wsl2_machine.windows_side = windows
    yield wsl2_machine
    wsl2_machine.at(CONF).unlink(missing_ok=True)


@pytest.fixture
def session(machine, tmp_path, embedded_go):
    return entered(machine, tmp_path, embedded_go)


def entered(machine, root, go):
    """A session in the machine, as root."""
    made = Session(root / "s", go)
    made.env |= machine.environment(made.env["PATH"])
    made.prefix = machine.command([], made.work)
    return made


def commands(found, *places):
    """The commands of a finding's remedies that run there."""
    return [each["command"] for each in found["remedies"] if each["where"] in places and each["command"]]


# /etc/wsl.conf


@pytest.mark.parametrize(("check", "text"), CONFS.values(), ids=CONFS)
def test_the_told_command_mends_wsl_conf(session, machine, check, text):
    place = machine.at(CONF)
    place.write_text(BEFORE + text + AFTER)
    found = session.finding(check)
    assert found["status"] == "warn"
    (told,) = commands(found, "sudo")
    assert session.finding(check, told)["status"] in ("ok", "info")
    assert place.read_text().startswith(BEFORE)
    assert place.read_text().endswith(AFTER)


@pytest.mark.parametrize(
    ("check", "mark"),
    # of a file that begins with a mark WSL reads nothing, so that nothing else of it counts
    [("wsl-conf-boolean", b""), ("wsl-conf-unknown-key", b""), ("wsl-conf-unknown-key", b"\xef\xbb\xbf")],
)
def test_the_told_commands_mend_a_wsl_conf_written_on_windows(session, machine, check, mark):
    place = machine.at(CONF)
    place.write_bytes(mark + b"[interop]\r\nappendWindowsPath = no\r\n[automount]\r\nexclude = /mnt/d\r\n# end\r\n")
    found = session.finding(check)
    assert found["status"] == "warn"
    told = commands(found, "sudo")
    assert told
    assert session.finding(check, *told)["status"] in ("ok", "info")
    assert b"# end" in place.read_bytes()


@pytest.mark.parametrize(("check", "text"), CONFS.values(), ids=CONFS)
def test_fix_mends_wsl_conf_as_root(session, machine, check, text):
    place = machine.at(CONF)
    place.write_text(BEFORE + text + AFTER)
    place.chmod(0o640)
    fix = f"goshim doctor --only {check} --fix"
    assert "\n@@ " in session.run(fix).text
    assert place.read_text() == BEFORE + text + AFTER
    done = session.run(f"{fix} --yes")
    assert "mended /etc/wsl.conf" in done.text
    assert session.finding(check)["status"] in ("ok", "info")
    assert place.read_text().startswith(BEFORE)
    assert place.read_text().endswith(AFTER)
    assert place.stat().st_mode & 0o777 == 0o640
    assert "mended" not in session.run(f"{fix} --yes").text
    (undo,) = re.findall(r"^  undo it: (.*)$", done.text, re.MULTILINE)
    assert session.run(undo).code == 0
    assert place.read_text() == BEFORE + text + AFTER


def test_the_command_and_fix_do_the_same_to_wsl_conf(session, machine):
    place = machine.at(CONF)
    for check, text in CONFS.values():
        place.write_text(BEFORE + text + AFTER)
        (told,) = commands(session.finding(check), "sudo")
        assert session.run(told).code == 0
        by_command = place.read_text()
        place.write_text(BEFORE + text + AFTER)
        session.run(f"goshim doctor --only {check} --fix --yes")
        assert place.read_text() == by_command


def test_metadata_is_set_by_the_told_command(session, machine):
    machine.at("/mnt/c/mod").mkdir(exist_ok=True)
    session.env["GOMODCACHE"] = "/mnt/c/mod"
    machine.at(CONF).write_text("[boot]\nsystemd=true")
    (told,) = commands(session.finding("automount-metadata"), "sudo")
    assert session.run(told).code == 0
    # the file says so, which counts from the next start on: what is left to do is that start
    assert commands(session.finding("automount-metadata"), "sudo") == []
    assert session.finding("wsl-conf-unknown-key")["status"] == "ok"


# PATH


def test_windows_entries_are_put_last_by_the_told_command(session, machine):
    entries = session.env["PATH"].split(":")
    windows = [each for each in entries if each.startswith(PROGRAMS)]
    session.env["PATH"] = ":".join([*windows[:3], *(each for each in entries if each not in windows[:3])])
    found = session.finding("path-order")
    assert found["status"] == "warn"
    told, installing = (each for each in commands(found, "shell"))
    assert session.finding("path-order", told)["status"] == "ok"
    first = 'export PATH="$HOME/.local/share/goshim/bin:$PATH"'
    assert session.finding("path-order", f"{installing}; {first}")["status"] == "info"


def test_looks_into_windows_entries_are_spared_by_the_told_commands(tmp_path, embedded_go):
    with running("wsl2", entries=20, lookup_ms=4) as machine:
        session = entered(machine, tmp_path, embedded_go)
        session.env["PATH"] = session.env["PATH"].replace(":/usr/sbin:/usr/bin:/sbin:/bin", f":{session.tools}")
        for name in ("bash", "env", "mkdir", "cat", "chmod"):
            (session.tools / name).symlink_to(f"/usr/bin/{name}")
        found = session.finding("path-cost")
        assert found["status"] == "warn"
        installing, *sparing = commands(found, "shell")
        assert session.finding("path-cost", *sparing)["status"] == "ok"
        first = 'export PATH="$HOME/.local/share/goshim/bin:$PATH"'
        assert session.finding("path-cost", f"{installing}; {first}")["status"] in ("ok", "info")


# Windows


def test_a_stale_interop_is_set_anew_by_the_told_command(session, machine):
    session.env["WSL_INTEROP"] = "/run/WSL/99999_interop"
    found = session.finding("interop")
    assert found["status"] == "warn"
    (told,) = commands(found, "shell")
    assert SOCKET in told
    assert session.finding("interop", told)["status"] == "ok"


def test_what_the_registry_gives_is_unset_by_the_told_command(session, machine):
    machine.windows_side.registry(*answers(DefaultEnvironment=(reg_exe.LIST, "CGO_ENABLED=false\\0GOPATH=C:\\go")))
    session.make(State("default-environment", r"export CGO_ENABLED=false GOPATH='C:\go'"))
    found = session.finding("default-environment")
    assert found["status"] == "warn"
    (told,) = commands(found, "shell")
    assert session.finding("default-environment", told)["status"] in ("ok", "info")


def test_a_proxy_for_http_alone_serves_https_by_the_told_command(session):
    session.make(State("", "export WSL_PAC_URL=http://wpad.example/wpad.dat http_proxy=http://a.example:3128"))
    found = session.finding("proxy-pac")
    assert found["status"] == "warn"
    (told,) = commands(found, "shell")
    assert session.finding("proxy-pac", told)["status"] in ("ok", "info")


# Directories on Windows drives


@pytest.mark.parametrize("variable", ["GOMODCACHE", "GOCACHE"])
@pytest.mark.parametrize("is_file", [False, True], ids=["in the shell", "by go env -w"])
def test_a_cache_on_a_windows_drive_is_moved_by_the_told_command(session, machine, variable, is_file):
    machine.at("/mnt/c/cache").mkdir(exist_ok=True)
    line = f"{variable}=/mnt/c/cache"
    state = State("", files={".config/go/env": f"{line}\n"}) if is_file else State("", f"export {line}")
    session.make(state)
    found = session.finding("cache-on-windows")
    assert found["status"] in (*PROBLEMS, "info")
    told = commands(found, "shell")
    assert told
    assert session.finding("cache-on-windows", told[0])["status"] == "ok"


def test_a_project_on_a_windows_drive_is_copied_by_the_told_command(session, machine):
    project = machine.at("/mnt/c/src/my project")
    project.mkdir(parents=True, exist_ok=True)
    (project / "go.mod").write_text("module m\n\ngo 1.21\n")
    session.make(State("", "cd '/mnt/c/src/my project'"))
    found = session.finding("project-on-windows")
    for told in commands(found, "shell"):
        assert session.run(told).code == 0
        (copied,) = session.home.rglob("my project/go.mod")
        assert session.finding("project-on-windows", f"cd '{copied.parent}'")["status"] == "ok"
    assert (project / "go.mod").exists()


def test_a_link_to_windows_in_place_of_go_is_taken_away_by_the_told_command(session, machine):
    link = machine.at("/usr/local/go")
    if link.exists() or link.is_symlink():
        pytest.skip("there is a /usr/local/go")
    machine.at("/mnt/c/Go/bin").mkdir(parents=True, exist_ok=True)
    link.symlink_to("/mnt/c/Go")
    found = session.finding("goroot-symlink-to-windows")
    assert found["status"] in (*PROBLEMS, "info")
    (told,) = commands(found, "sudo")
    assert session.finding("goroot-symlink-to-windows", told)["status"] == "ok"
    assert machine.at("/mnt/c/Go/bin").exists()


# Certificates


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corp.crt", der("Corp")),
        ("corp.crt", in_utf_16("Corp")),
        ("corp.crt", b"\xef\xbb\xbf" + pem("Corp")),
        ("corp.crt", pem("Corp")),
        ("my corp.pem", pem("Corp")),
        ("corp.cer", der("Corp")),
    ],
    ids=["DER", "UTF-16", "BOM", "not taken in", ".pem", "DER .cer"],
)
def test_a_certificate_arrives_by_the_told_command(session, machine, program, name, content):
    program("update-ca-certificates")
    program("openssl")
    place = machine.at(f"{LOCAL}/{name}")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    try:
        found = session.finding("tls-ca")
        assert found["status"] == "warn"
        (told,) = commands(found, "sudo")
        after = session.finding("tls-ca", told)
        assert after["status"] == "ok", (told, after)
        assert any("Corp" in line for line in after["evidence"])
    finally:
        for each in place.parent.iterdir():
            each.unlink()
        session.run("update-ca-certificates --fresh")

"""Checks of where modules come from."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.engine.finding import Edit
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.modules import checks as modules
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

ENV_FILE = f"{HOME}/.config/go/env"
PUBLIC = "https://proxy.golang.org,direct"
GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")


def with_launcher(machine: FolderMachine) -> dict[str, str]:
    machine.program("/shim/go", LAUNCHER)
    machine.toolchain("/usr/local/go")
    return {"PATH": "/shim:/usr/local/go/bin"}


def require(machine: FolderMachine, *paths: str, more: str = "") -> None:
    lines = "".join(f"\t{path} v1.0.0\n" for path in paths)
    machine.write(f"{HOME}/project/go.mod", f"module m\n\ngo 1.21\n\nrequire (\n{lines})\n{more}")


# GOPROXY


@pytest.mark.parametrize(
    "value",
    [
        "",
        PUBLIC,
        "https://goproxy.cn|https://proxy.golang.org|direct",
        f" https://proxy.golang.org , direct\r",  # noqa: F541 - a carriage return does no harm here
        "goproxy.corp.example/go,direct",
        "127.0.0.1:3000",
        "http://localhost:3000",
        "file:///srv/proxy,off",
        "https://a.b,,direct",
        "https://a.b,direct,off",
        "https://a.b/go;build.name=x,direct",
        "https://me:pass;word@a.b/go",
        "file:///srv/my proxy.d/v1,off",
        "https://a.b/go direct-feed",
    ],
)
def test_a_list_that_go_takes_is_well(machine: FolderMachine, value):
    assert judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": value})).status == "ok"


@pytest.mark.parametrize("value", ["off", "direct"])
def test_going_without_a_module_proxy_is_told(machine: FolderMachine, value):
    assert judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": value})).status == "info"


@pytest.mark.parametrize(
    ("value", "told", "better"),
    [
        ("https://a.b direct", 'invalid character " " in host name', "https://a.b,direct"),
        ("http://a.b:9;off", "invalid port after host", "http://a.b:9,off"),
        ('"https://a.b,direct"', "first path segment in URL cannot contain colon", "https://a.b,direct"),
        ("https://a.b,Direct", "invalid proxy URL missing scheme: Direct", "https://a.b,direct"),
        ("https://a.b，direct", "a.b，direct for the host", "https://a.b,direct"),  # noqa: RUF001
        ("https://a.b;direct", "go takes a.b;direct for the host", "https://a.b,direct"),
        ("'a.b'", "go takes 'a.b' for the host", "a.b"),
        ("localhost", "invalid proxy URL missing scheme: localhost", ""),
        ("/srv/proxy", "invalid proxy URL missing scheme: /srv/proxy", ""),
        ("ftp://a.b", "invalid proxy URL scheme (must be https, http, file): ftp://a.b", ""),
        ("file://srv/proxy", "invalid file:// proxy URL with non-path elements: file://srv/proxy", ""),
        ("https:/a.b", "http: no Host in request URL", ""),
        ("https//a.b", "go takes https for the host", ""),
        (",", "contains no entries", ""),
        (" ", "contains no entries", ""),
        ("https://goproxy.cn/;direct", "go takes /;direct for the path", "https://goproxy.cn/,direct"),
        ("https://goproxy.cn/ direct", "go takes / direct for the path", "https://goproxy.cn/,direct"),
        ("https://goproxy.cn/，direct", "for the path", "https://goproxy.cn/,direct"),  # noqa: RUF001
        ("https://a.b/go; https://c.d", "go takes /go; https://c.d for the path", "https://a.b/go,https://c.d"),
        ("a.b/go;c.d/go,direct", "go takes /go;c.d/go for the path", "a.b/go,c.d/go,direct"),
        ("https://a.b/go;", "go takes /go; for the path", "https://a.b/go"),
        ("file:///srv/proxy;off", "go takes /srv/proxy;off for the path", "file:///srv/proxy,off"),
    ],
)
def test_what_go_says_of_a_list_that_it_does_not_take_is_told(machine: FolderMachine, value, told, better):
    verdict = judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": value}))
    assert verdict.status == "fail"
    assert told in " ".join(verdict.evidence)
    assert verdict.remedies[0].command == (f"export GOPROXY={better}" if better else "unset GOPROXY")


@pytest.mark.skipif(not GO, reason="no go to compare with")
@pytest.mark.parametrize(
    "value",
    [
        "https://a.b direct",
        "http://a.b:9;off",
        '"https://a.b,direct"',
        "https://a.b,Direct",
        "https://a.b,ftp://c.d",
        "localhost",
        "/srv/proxy",
        "file://srv/proxy",
        "https:/a.b",
        "https://a.b/%zz",
        ",",
    ],
)
def test_it_is_what_the_real_go_says(machine: FolderMachine, tmp_path: Path, value):
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.21\n")
    variables = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GOPROXY": value, "GOFLAGS": "-mod=mod"}
    done = subprocess.run(
        [GO, "list", "-m", "example.com/a@v1.0.0"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    told = judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": value})).evidence[1]  # go stops at the first
    assert done.returncode
    said = re.sub(r'(?<=invalid port )".*?" ', "", done.stderr)  # doctor keeps that to itself
    assert told.split(": ")[-1] in said


def test_one_entry_spoils_the_list_but_not_one_that_is_never_reached(machine: FolderMachine):
    assert judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": "https://a.b,ftp://c.d,direct"})).status == "fail"
    assert judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": "direct,ftp://c.d"})).status == "warn"


@pytest.mark.parametrize("word", ["direct", "off"])
def test_what_stands_behind_the_end_is_never_asked(machine: FolderMachine, word):
    verdict = judge(modules.goproxy_syntax, look_at(machine, {"GOPROXY": f"{word},https://goproxy.cn"}))
    assert verdict.status == "warn"
    assert verdict.remedies[0].command == f"export GOPROXY=https://goproxy.cn,{word}"


def test_a_line_of_go_s_own_file_is_mended_there(machine: FolderMachine):
    machine.write(ENV_FILE, "GOSUMDB=sum.golang.org\nGOPROXY=https://a.b;direct\n")
    remedy = judge(modules.goproxy_syntax, look_at(machine)).remedies[0]
    assert remedy.command == "go env -w GOPROXY=https://a.b,direct"
    assert remedy.edits == (Edit(ENV_FILE, 2, "GOPROXY=https://a.b;direct", "GOPROXY=https://a.b,direct"),)


def test_the_environment_wins_over_the_file_and_that_over_the_toolchain_s(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.write("/usr/local/go/go.env", "# defaults\nGOPROXY=direct\n")
    path = {"PATH": "/usr/local/go/bin"}
    assert "/usr/local/go/go.env:2" in judge(modules.goproxy_syntax, look_at(machine, path)).evidence[0]
    machine.write(ENV_FILE, f"GOPROXY={PUBLIC}\n")
    assert ENV_FILE in judge(modules.goproxy_syntax, look_at(machine, path)).evidence[0]
    verdict = judge(modules.goproxy_syntax, look_at(machine, {**path, "GOPROXY": "off"}))
    assert "environment" in verdict.evidence[0]


def test_what_goshim_s_config_gives_counts_too(machine: FolderMachine):
    machine.write(f"{HOME}/.config/goshim/config.toml", '[env]\nGOPROXY = "https://a.b;direct"\n')
    verdict = judge(modules.goproxy_syntax, look_at(machine))
    assert "goshim's config" in verdict.evidence[0]
    assert (verdict.remedies[0].command, verdict.remedies[0].where) == ('GOPROXY = "https://a.b,direct"', "file")


def test_quotes_that_the_launcher_strips_are_no_alarm(machine: FolderMachine):
    variables = {**with_launcher(machine), "GOPROXY": f'"{PUBLIC}"'}
    assert judge(modules.goproxy_syntax, look_at(machine, variables)).status == "info"


def test_a_password_in_the_list_is_not_shown(machine: FolderMachine):
    verdict = judge(
        modules.goproxy_syntax, look_at(machine, {"GOPROXY": "ftp://me:hunter2@a.b,https://me:hunter3@c.d"})
    )
    assert "hunter2" not in str(verdict.evidence)


# GOPRIVATE


@pytest.mark.parametrize(
    "value", ["", "git.corp.example", "*.corp.example,github.com/org/*", "git.corp.example/team/", "git.*.example,"]
)
def test_patterns_that_can_match_are_well(machine: FolderMachine, value):
    assert judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": value})).status == "ok"


@pytest.mark.parametrize("name", ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"])
@pytest.mark.parametrize(
    ("value", "better"),
    [
        ("https://git.corp.example", "git.corp.example"),
        ("git.corp.example, b.example", "git.corp.example,b.example"),
        ("git.corp.example;b.example", "git.corp.example,b.example"),
        ('"git.corp.example"', "git.corp.example"),
        ("git.corp.example\r", "git.corp.example"),
        ("git.corp.example/*/...", "'git.corp.example/*'"),
        ("a.example,git.corp.example:8443/x", "a.example,git.corp.example/x"),
        ("git.corp.example b.example", "git.corp.example,b.example"),
        ("a.example,git@git.corp.example", "a.example,git.corp.example"),
        ("https://git.corp.example:8443/", "git.corp.example"),
        ("Git.Corp.example/Team", "git.corp.example/Team"),
        (".corp.example", "'*.corp.example'"),
    ],
)
def test_a_pattern_that_matches_nothing_is_told_and_the_list_as_it_is_meant(machine, name, value, better):
    verdict = judge(modules.private_syntax, look_at(machine, {name: value}))
    assert verdict.status == "warn"
    assert name in verdict.summary
    assert verdict.remedies[0].command == f"export {name}={better}"


def test_patterns_that_the_launcher_mends_are_no_alarm(machine: FolderMachine):
    variables = {**with_launcher(machine), "GOPRIVATE": "https://git.corp.example"}
    assert judge(modules.private_syntax, look_at(machine, variables)).status == "info"


def test_those_of_the_file_it_does_not_mend(machine: FolderMachine):
    machine.write(ENV_FILE, "GOPRIVATE=https://git.corp.example\n")
    verdict = judge(modules.private_syntax, look_at(machine, with_launcher(machine)))
    assert verdict.status == "warn"
    assert verdict.remedies[0].command == "go env -w GOPRIVATE=git.corp.example"


@pytest.mark.parametrize("pattern", ["^git\\.corp", ".*\\.corp", "a.example/.../c", "https://github.com", "*:8443"])
def test_what_cannot_be_told_to_be_private_is_left_to_its_owner_and_never_left_out(machine: FolderMachine, pattern):
    (remedy,) = judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": f"a.example,{pattern}"})).remedies
    assert (remedy.command, remedy.edits) == ("", ())
    assert f"in place of {pattern} write" in remedy.text


def test_a_list_that_names_nothing_is_to_be_taken_out(machine: FolderMachine):
    (remedy,) = judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": '" "'})).remedies
    assert remedy.command == "unset GOPRIVATE"


def test_what_is_vendored_is_no_alarm(machine: FolderMachine):
    require(machine, "git.corp.internal/x")
    machine.write(f"{HOME}/project/vendor/modules.txt", "# git.corp.internal/x v1.0.0\n")
    verdict = judge(modules.private_syntax, look_at(machine))
    assert verdict.status == "info"
    assert "vendored, but go get and go mod tidy would tell its name to proxy.golang.org" in verdict.evidence[0]
    assert judge(modules.private_syntax, look_at(machine, {"GOFLAGS": "-mod=mod"})).status == "warn"


def test_a_module_whose_host_is_private_and_that_no_pattern_covers_is_told(machine: FolderMachine):
    require(machine, "git.corp.internal/team/x", "golang.org/x/text")
    verdict = judge(modules.private_syntax, look_at(machine))
    assert verdict.status == "warn"
    assert verdict.evidence == ("git.corp.internal/team/x: its name goes to proxy.golang.org and sum.golang.org",)
    assert verdict.remedies[0].command == "go env -w GOPRIVATE=git.corp.internal"


def test_the_patterns_that_are_set_are_kept(machine: FolderMachine):
    require(machine, "git.corp.internal/team/x")
    verdict = judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": "github.com/org"}))
    assert verdict.remedies[0].command == "export GOPRIVATE=github.com/org,git.corp.internal"


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"GOPRIVATE": "*.internal"}, "ok"),
        ({"GOPRIVATE": "git.corp.internal/team"}, "ok"),
        ({"GOPROXY": "off"}, "ok"),
        ({"GOPROXY": "https://proxy.corp.internal", "GONOSUMDB": "*.internal"}, "ok"),
        ({"GOPROXY": "https://proxy.corp.internal"}, "info"),
        ({"GOPROXY": "direct"}, "info"),
        ({"GOPRIVATE": "*.internal", "GONOPROXY": "none"}, "warn"),
    ],
)
def test_whether_its_name_leaves_is_judged_by_who_is_asked(machine: FolderMachine, variables, status):
    require(machine, "git.corp.internal/team/x")
    assert judge(modules.private_syntax, look_at(machine, variables)).status == status


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("replace git.corp.internal/x => ../x\n", "ok"),
        ("replace git.corp.internal/x => github.com/org/x v1.0.0\n", "ok"),
        ("replace git.corp.internal/x v1.0.0 => git.corp.lan/x v1.0.0\n", "warn"),
    ],
)
def test_of_what_is_replaced_only_the_replacement_is_fetched(machine: FolderMachine, more, status):
    require(machine, "git.corp.internal/x", more=more)
    assert judge(modules.private_syntax, look_at(machine)).status == status


def test_in_a_workspace_it_may_lie_beside_and_is_no_alarm(machine: FolderMachine):
    require(machine, "git.corp.internal/x")
    machine.write(f"{HOME}/go.work", "go 1.21\nuse ./project\n")
    assert judge(modules.private_syntax, look_at(machine)).status == "info"


def test_a_go_mod_that_cannot_be_read_hides_no_other_finding(machine: FolderMachine):
    machine.directory(f"{HOME}/project/go.mod")
    assert judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": "git.corp.example"})).status == "ok"


@pytest.mark.parametrize(
    "host",
    ["*,x.internal", "*.internal", "a$(touch${IFS}PWNED).internal", "-w.internal", "[a-z].internal", "a;b.internal"],
)
@pytest.mark.parametrize("place", ["", "environment", "file"])
def test_what_is_no_host_is_told_and_never_in_a_command(machine: FolderMachine, host: str, place: str):
    variables = {"GOPRIVATE": "a.example"} if place == "environment" else {}
    if place == "file":
        machine.write(ENV_FILE, "GOPRIVATE=a.example\n")
    require(machine, f'"{host}/x"')
    verdict = judge(modules.private_syntax, look_at(machine, variables))
    assert host in verdict.summary
    assert verdict.remedies == ()
    require(machine, f'"{host}/x"', "git.corp.internal/x")
    (remedy,) = judge(modules.private_syntax, look_at(machine, variables)).remedies
    assert remedy.command.endswith("GOPRIVATE=" + ("a.example," if place else "") + "git.corp.internal")


def test_a_clone_s_host_is_made_private_by_nobody_but_the_user(machine: FolderMachine):
    machine.write(ENV_FILE, "GOPRIVATE=a.example\n")
    require(machine, "git.corp.internal/x")
    (remedy,) = judge(modules.private_syntax, look_at(machine)).remedies
    assert (remedy.command, remedy.edits) == ("go env -w GOPRIVATE=a.example,git.corp.internal", ())


@pytest.mark.parametrize("name", ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"])
@pytest.mark.parametrize(
    ("value", "edited"),
    [("https://a.example", ""), ("a.example,^git", ""), ("^git", ""), ("a.example,https://a.example", "a.example")],
)
def test_no_edit_has_a_list_match_more_or_another_host_less(machine: FolderMachine, name: str, value: str, edited: str):
    machine.write(ENV_FILE, f"{name}={value}\n")
    (remedy,) = judge(modules.private_syntax, look_at(machine)).remedies
    assert remedy.edits == ((Edit(ENV_FILE, 1, f"{name}={value}", f"{name}={edited}"),) if edited else ())


def test_hosts_without_end_are_judged_in_time_and_not_all_told(machine: FolderMachine):
    require(machine, *(f"h{number}.internal/x" for number in range(25_000)))
    began_s = time.monotonic()
    verdict = judge(modules.private_syntax, look_at(machine, {"GOPRIVATE": "a.example"}))
    assert time.monotonic() - began_s < 2
    assert "h19.internal and 24980 more" in verdict.summary
    assert len(verdict.remedies[0].command) < 500


@pytest.mark.parametrize("name", ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"])
@pytest.mark.parametrize("pattern", ["hunter2Zq@github.com/org", "hunter2Zq@github.com", "hunter2Zq:x@github.com"])
def test_no_token_in_the_place_of_a_user_is_shown(machine: FolderMachine, name: str, pattern: str):
    verdict = judge(modules.private_syntax, look_at(machine, {name: f"x.example, {pattern}"}))
    texts = [verdict.summary, *verdict.evidence, *(each.text for each in verdict.remedies)]
    assert "hunter2Zq" not in " ".join(texts)

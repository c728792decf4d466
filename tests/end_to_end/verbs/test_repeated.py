"""What a watched call of each verb gives where a transfer breaks: what bare go gives where none does."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.module_proxy import Break, ModuleProxy
from tests.end_to_end.recorded_go import RecordedGo
from tests.end_to_end.verbs.calls import CI, DOWNLOAD, FETCHING, ZIP, needing


def content(directory):
    """All files below a directory."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", FETCHING)
def test_in_ci_a_broken_transfer_costs_a_verb_none_of_its_results(user, tmp_path, name):
    served = needing(user)
    bare = tmp_path / "bare"
    needing(user, bare)
    pattern = "*/m01/@v/v1.1.0.zip" if name == "get" else ZIP
    with ModuleProxy(served) as proxy:
        env = {"GOPROXY": proxy.url, "GOMODCACHE": tmp_path / "bare-modules", "GOBIN": tmp_path / "bare-installed"}
        expected = user.bare(*FETCHING[name], env=env, cwd=bare)
    assert expected.code == 0
    with ModuleProxy(served, [Break("reset midway", pattern)]) as proxy:
        done = user.go(*FETCHING[name], env={**CI, "GOPROXY": proxy.url})
        assert proxy.count(pattern) == 2
    assert (done.out, done.code, len(done.ours)) == (expected.out, 0, 1), done.message
    assert "connection reset by peer" in done.message
    assert content(user.work) == content(bare)
    if name == "install":
        assert content(tmp_path / "installed") == content(tmp_path / "bare-installed")
        assert user.call(tmp_path / "installed/app").err == b"3\n"
    if name == "get":
        assert b"example.com/m01 v1.1.0\n" in (user.work / "go.mod").read_bytes()


def test_in_ci_a_build_in_json_tells_of_its_last_attempt_alone(user):
    served = needing(user)
    with ModuleProxy(served, [Break("503", ZIP)]) as proxy:
        done = user.go("build", "-json", ".", env={**CI, "GOPROXY": proxy.url})
    assert (done.out, done.code) == (b"", 0), done
    assert len(done.ours) == 1


def test_in_ci_what_does_not_compile_is_compiled_once(user):
    served = needing(user)
    (user.work / "main.go").write_text("package main\n\nfunc main() { nothing() }\n")
    with ModuleProxy(served) as proxy:
        env = {**CI, "GOPROXY": proxy.url}
        for verb in ("build", "-o", "made", "."), ("vet", "."):
            bare = user.bare(*verb, env=env)
            user.recorded.forget()
            assert user.go(*verb, env=env) == bare
            assert user.recorded.words == [" ".join(verb)]


CHDIR = [
    ("-C", "{}", *DOWNLOAD),
    ("mod", "-C", "{}", "download"),
    ("mod", "download", "-C", "{}"),
    ("-C={}", *DOWNLOAD),
]


@pytest.mark.parametrize("place", ["relative", "absolute", "with dots", "link"])
@pytest.mark.parametrize("words", CHDIR, ids=" ".join)
def test_mod_download_in_another_directory_is_watched_wherever_that_is_said(user, words, place):
    project = user.work / "deep/down"
    served = needing(user, project)
    (user.work / "link").symlink_to(project)
    name = {"relative": "deep/down", "with dots": "deep/../deep/down", "link": "link"}.get(place, str(project))
    with ModuleProxy(served, [Break("503", ZIP)]) as proxy:
        done = user.go(*(word.format(name) for word in words), env={"GOPROXY": proxy.url})
        assert proxy.count(ZIP) == 2
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1), done.message
    assert user.bare("-C", project, *DOWNLOAD, env={"GOPROXY": "off"}).code == 0


LOCKED = """[[ "$*" != *download* || -e $place/was-locked ]] || {{
  echo >"$place/was-locked"
  echo "go: RLock {path}: resource temporarily unavailable" >&2
  exit 1
}}"""


@pytest.mark.parametrize("words", CHDIR, ids=" ".join)
def test_a_lock_is_one_of_the_project_there_and_so_it_is_in_the_journal(real, words):
    project = real.work / "deep/down"
    project.mkdir(parents=True)
    (project / "go.mod").write_text("module example.com/app\n")
    go = RecordedGo(real.tools, "/bin/true", instead=LOCKED.format(path=project / "go.mod"))
    waits = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__LOCKS": "always"}
    real.env |= {"PATH": f"{real.bin}:{go.path.parent}:/usr/bin:/bin", **waits}
    done = real.go(*(word.format("deep/down") for word in words))
    assert (done.out, done.code, len(go.calls)) == (b"", 0, 2), done.message
    assert str(project / "go.mod") in done.ours[0]
    (line,) = (real.home / ".local/state/goshim/journal.jsonl").read_text().splitlines()
    incident = json.loads(line)
    assert (incident["path"], incident["class"], incident["won"]) == (str(project / "go.mod"), "lock", True)
    assert incident["verb"] == "mod download"

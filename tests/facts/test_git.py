from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from goshim.facts.git import commit_time_s
from goshim.facts.host import Host, Recorder

TIME_S = 1_700_000_000
GIT = shutil.which("git", path="/usr/bin:/bin") or ""
pytestmark = pytest.mark.skipif(not GIT, reason="git is not installed")
PERSON = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"), ("DATE", f"@{TIME_S} +0130"))
}


def git(*arguments: str, date: str = "", data: bytes = b"") -> bytes:
    extra = {"GIT_COMMITTER_DATE": date} if date else {}
    return subprocess.run(
        [GIT, "-c", "init.defaultBranch=main", *arguments],
        env={**os.environ, **PERSON, **extra},
        input=data,
        capture_output=True,
        check=True,
    ).stdout


def host(repository: str, **variables: str) -> Recorder:
    return Recorder(Host({"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], **variables}, repository))


@pytest.fixture
def repository(tmp_path):
    """A repository with one commit."""
    path = str(tmp_path / "repository")
    git("init", "-q", path)
    git("-C", path, "commit", "-q", "--allow-empty", "-m", "committer A <a@example.com> 1 +0000")
    return path


def commit(path: str, time_s: int) -> None:
    git("-C", path, "commit", "-q", "--allow-empty", "-m", "next", date=f"@{time_s} +0000")


def test_the_time_is_the_committers(repository):
    assert commit_time_s(host(repository), GIT, repository) == TIME_S


def test_a_repository_without_a_commit_has_no_time(tmp_path):
    git("init", "-q", str(tmp_path))
    asked = host(str(tmp_path))
    assert commit_time_s(asked, GIT, str(tmp_path)) is None
    assert not asked.repeatable


def test_a_directory_without_a_repository_has_no_time(tmp_path):
    assert commit_time_s(host(str(tmp_path)), GIT, str(tmp_path)) is None


def test_a_git_that_cant_be_run_gives_no_time(repository):
    assert commit_time_s(host(repository), "/absent/git", repository) is None


def pack(path: str) -> str:
    git("-C", path, "gc", "-q")
    return path


def detach(path: str) -> str:
    git("-C", path, "checkout", "-q", "--detach")
    return path


def add_worktree(path: str) -> str:
    git("-C", path, "worktree", "add", "-q", f"{path}-tree")
    return f"{path}-tree"


def add_packed_worktree(path: str) -> str:
    return add_worktree(pack(path))


@pytest.mark.parametrize("change", [pack, detach, add_worktree, add_packed_worktree])
def test_the_time_is_found_however_the_commit_is_named(repository, change):
    path = change(repository)
    assert commit_time_s(host(path), GIT, path) == TIME_S


@pytest.mark.parametrize("change", [str, pack, detach, add_worktree, add_packed_worktree])
def test_a_new_commit_changes_one_of_the_answers_that_a_plan_would_compare(repository, change):
    path = change(repository)
    before = host(path)
    commit_time_s(before, GIT, path)
    commit(path, TIME_S + 1)
    after = host(path)
    assert commit_time_s(after, GIT, path) == TIME_S + 1
    kept = {question: answer for question, answer in before.answers.items() if question[0] != "names"}
    again = Host(before._environment, path)
    assert any(again.ask(*question) != answer for question, answer in kept.items())


def test_a_branch_switched_to_changes_one_of_the_answers(repository):
    before = host(repository)
    commit_time_s(before, GIT, repository)
    git("-C", repository, "checkout", "-q", "-b", "other")
    assert any(Host({}, repository).ask(*question) != answer for question, answer in before.answers.items())


def test_the_callers_git_variables_choose_no_other_repository(repository, tmp_path):
    other = str(tmp_path / "other")
    git("init", "-q", other)
    commit(other, 5)
    assert commit_time_s(host(repository, GIT_DIR=f"{other}/.git"), GIT, repository) == TIME_S


def test_no_program_that_a_clone_names_is_run(repository, tmp_path):
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho x >>{ran}\n", encoding="utf-8")
    program.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.pager", "pager.cat-file", "core.sshCommand", "core.gitProxy", "core.askPass",
        "core.editor", "gpg.program", "credential.helper", "diff.external", "alias.cat-file",
        "uploadpack.packObjectsHook",
    ):  # fmt: skip
        git("-C", repository, "config", name, f"!{program}" if name.startswith("alias") else str(program))
    hook = f"{repository}/.git/hooks/reference-transaction"
    os.makedirs(os.path.dirname(hook), exist_ok=True)
    os.symlink(program, hook)
    assert commit_time_s(host(repository, PAGER=str(program)), GIT, repository) == TIME_S
    assert not ran.exists()


@pytest.mark.parametrize(
    "address", ["ext::{program} %S", "ssh://example.invalid/x", "git://example.invalid/x", "{folder}"]
)
def test_no_missing_commit_is_fetched_from_a_remote_that_is_a_program(repository, tmp_path, address):
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho x >>{ran}\n", encoding="utf-8")
    program.chmod(0o755)
    source = tmp_path / "source"
    git("init", "-q", "--bare", str(source))
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": address.format(program=program, folder=source),
        "remote.origin.uploadpack": str(program),
        "core.sshCommand": str(program),
        "core.gitProxy": str(program),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }.items():
        git("-C", repository, "config", name, value)
    missing = git("-C", repository, "rev-parse", "HEAD").decode().strip()
    os.unlink(f"{repository}/.git/objects/{missing[:2]}/{missing[2:]}")
    assert commit_time_s(host(repository), GIT, repository) is None
    assert not ran.exists()
    if address.startswith("ext"):  # the trap is a real one: without the two variables git walks into it
        subprocess.run([GIT, "-C", repository, "cat-file", "commit", "HEAD"], capture_output=True, check=False)
        assert ran.exists()


@pytest.mark.timeout(2)
def test_a_reference_that_names_itself_ends_the_search(repository):
    with open(f"{repository}/.git/refs/heads/main", "w", encoding="utf-8") as file:
        file.write("ref: refs/heads/main\n")
    assert commit_time_s(host(repository), GIT, repository) is None


@pytest.mark.parametrize("reference", ["../../secret", "refs/../../../secret", "/../../secret"])
def test_a_reference_that_leads_out_of_the_repository_leaves_nothing_to_store(repository, tmp_path, reference):
    (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
    with open(f"{repository}/.git/HEAD", "w", encoding="utf-8") as file:
        file.write(f"ref: {reference}\n")
    asked = host(repository)
    assert commit_time_s(asked, GIT, repository) is None
    assert not asked.repeatable


def test_a_link_among_gits_files_brings_no_other_file_into_the_record(repository, tmp_path):
    (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
    os.mkdir(f"{repository}/.git/reftable")
    os.symlink(tmp_path / "secret", f"{repository}/.git/reftable/tables.list")
    asked = host(repository)
    assert commit_time_s(asked, GIT, repository) == TIME_S
    assert b"hunter2" not in asked.answers.values() or not asked.repeatable


def test_a_directory_in_the_place_of_a_file_of_gits_is_no_fault(repository):
    os.unlink(f"{repository}/.git/HEAD")
    os.mkdir(f"{repository}/.git/HEAD")
    assert commit_time_s(host(repository), GIT, repository) is None


def test_a_time_before_1970_is_none(repository):
    text = git("-C", repository, "cat-file", "commit", "HEAD").replace(str(TIME_S).encode(), b"-5")
    made = git("-C", repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=text)
    git("-C", repository, "update-ref", "HEAD", made.decode().strip())
    assert commit_time_s(host(repository), GIT, repository) is None

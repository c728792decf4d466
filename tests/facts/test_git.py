from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zlib

import pytest

import goshim
from goshim.facts.command import MEMORY_BYTES
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


def counts_for_the_hour(asked: Recorder) -> None:
    """That what was found is kept, and is looked for again when the hour is over."""
    assert asked.repeatable
    assert ("hour", "") in asked.answers


def is_failing(repository: str, limit_s: float = 60) -> None:
    """That there is no time, that git was given little for it, and that a plan can keep this."""
    asked = host(repository)
    began_s = time.monotonic()
    assert commit_time_s(asked, GIT, repository) is None
    assert time.monotonic() - began_s < limit_s
    counts_for_the_hour(asked)


def commit(path: str, time_s: int) -> None:
    git("-C", path, "commit", "-q", "--allow-empty", "-m", "next", date=f"@{time_s} +0000")


def test_the_time_is_the_committers(repository):
    assert commit_time_s(host(repository), GIT, repository) == TIME_S


def test_a_repository_without_a_commit_has_no_time(tmp_path):
    git("init", "-q", str(tmp_path))
    asked = host(str(tmp_path))
    assert commit_time_s(asked, GIT, str(tmp_path)) is None
    counts_for_the_hour(asked)


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
    counts_for_the_hour(asked)
    assert b"hunter2" not in asked.answers.values()


def test_a_link_among_gits_files_brings_no_other_file_into_the_record(repository, tmp_path):
    (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
    os.mkdir(f"{repository}/.git/reftable")
    os.symlink(tmp_path / "secret", f"{repository}/.git/reftable/tables.list")
    asked = host(repository)
    assert commit_time_s(asked, GIT, repository) is None
    counts_for_the_hour(asked)
    assert b"hunter2" not in asked.answers.values()


def test_a_directory_in_the_place_of_a_file_of_gits_is_no_fault(repository):
    os.unlink(f"{repository}/.git/HEAD")
    os.mkdir(f"{repository}/.git/HEAD")
    assert commit_time_s(host(repository), GIT, repository) is None


def test_a_time_before_1970_is_none(repository):
    text = git("-C", repository, "cat-file", "commit", "HEAD").replace(str(TIME_S).encode(), b"-5")
    made = git("-C", repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=text)
    git("-C", repository, "update-ref", "HEAD", made.decode().strip())
    assert commit_time_s(host(repository), GIT, repository) is None


@pytest.mark.parametrize(
    "data", [b"\0", b"ref: refs/heads/main\0x\n", b"gitdir: /x\0y\n", b"../a\0b\n", b"\xff\xfe", b"\x1b[31m"]
)
@pytest.mark.parametrize("name", [".git", ".git/HEAD", ".git/commondir", ".git/refs/heads/main", ".git/packed-refs"])
def test_bytes_that_no_file_of_git_holds_are_no_commit_and_no_fault(repository, name, data):
    if name == ".git":
        shutil.rmtree(f"{repository}/.git")
    if name == ".git/packed-refs":
        os.unlink(f"{repository}/.git/refs/heads/main")
    with open(f"{repository}/{name}", "wb") as file:
        file.write(data)
    is_failing(repository)


NAMES = (
    "config", "commondir", "HEAD", "packed-refs", "shallow", "info/grafts", "objects/info/alternates",
    "objects/info/commit-graph", "objects/pack/multi-pack-index", "refs/heads/main", "COMMIT",
)  # fmt: skip


def place_of(repository: str, name: str) -> str:
    head = git("-C", repository, "rev-parse", "HEAD").decode().strip()
    return f"{repository}/.git/" + (f"objects/{head[:2]}/{head[2:]}" if name == "COMMIT" else name)


@pytest.mark.parametrize("name", NAMES)
def test_git_is_not_run_where_it_would_wait_for_a_fifo(repository, name, monkeypatch):
    place = place_of(repository, name)
    if os.path.lexists(place):
        os.unlink(place)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.mkfifo(place)
    monkeypatch.setattr(Host, "run", lambda *_: pytest.fail("git was run"))
    is_failing(repository)


@pytest.mark.parametrize("key", ["include.path", "includeIf.onbranch:main.path"])
def test_git_that_waits_for_what_a_config_includes_is_ended(repository, tmp_path, key):
    os.mkfifo(tmp_path / "fifo")
    git("-C", repository, "config", key, str(tmp_path / "fifo"))
    is_failing(repository, limit_s=8)  # with a machine that is busy; without a limit git waits for ever


def loose_commit(repository: str, text: bytes) -> None:
    """Make this the text of the commit that is checked out."""
    data = b"commit %d\0" % len(text) + text
    name = hashlib.sha1(data).hexdigest()
    os.makedirs(f"{repository}/.git/objects/{name[:2]}", exist_ok=True)
    with open(f"{repository}/.git/objects/{name[:2]}/{name[2:]}", "wb") as file:
        file.write(zlib.compress(data, 1))
    with open(f"{repository}/.git/refs/heads/main", "w", encoding="ascii") as file:
        file.write(f"{name}\n")


HEADER = f"tree {'4b825dc642cb6eb9a060e54bf8d69288fbee4904'}\nauthor A <a> {TIME_S} +0000\n".encode()


@pytest.mark.parametrize(
    ("text", "time_s"),
    [
        (HEADER + b"committer A <a> %d +0000\n\nx" % TIME_S, TIME_S),
        (HEADER + b"committer A <a> %d +0000\n\n" % TIME_S + b"x" * 1_000_000, TIME_S),
        (HEADER + b"committer A <a> %s +0000\n\n" % (b"9" * 5000), None),
        (HEADER + b"committer A <a> -5 +0000\n\n", None),
        (HEADER + b"committer \n\n", None),
        (HEADER + b"x" * 200_000 + b"\ncommitter A <a> %d +0000\n\n" % TIME_S, None),
    ],
    ids=["usual", "a long text", "a long time", "a negative time", "no time", "a long header"],
)
def test_of_a_commit_only_the_beginning_is_read(repository, text, time_s):
    loose_commit(repository, text)
    assert commit_time_s(host(repository), GIT, repository) == time_s


MEASURE = """
import resource, sys
from goshim.facts.git import commit_time_s
from goshim.facts.host import Host
repository, git = sys.argv[1:]
print(commit_time_s(Host({"PATH": "/usr/bin:/bin"}, repository), git, repository))
(ours,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(max(int(ours), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


def test_a_commit_of_300_mb_takes_little_memory(repository):
    loose_commit(repository, HEADER + bytes(300 << 20))
    words = [sys.executable, "-c", MEASURE, repository, GIT]
    done = subprocess.run(words, capture_output=True, check=True, cwd=os.path.dirname(os.path.dirname(goshim.__file__)))
    time_s, memory_kib = done.stdout.split()
    assert time_s == b"None"
    assert int(memory_kib) < 2 * (MEMORY_BYTES >> 10)


def test_references_that_are_too_many_to_be_read_count_for_the_hour(repository):
    pack(repository)
    with open(f"{repository}/.git/packed-refs", "ab") as file:
        file.write(b"".join(b"%040x refs/tags/z%06d\n" % (number, number) for number in range(30_000)))
    asked = host(repository)
    assert commit_time_s(asked, GIT, repository) == TIME_S
    counts_for_the_hour(asked)

"""Words that a server, a clone or a compiler puts into what go prints lead to no retry, no wait and no advice."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from goshim.facts.host import Host
from goshim.watch import signs
from goshim.watch.diagnosis import Diagnosis, diagnose
from goshim.watch.gate import Gate
from tests.machine import EXT4, drive
from tests.tables import for_each
from tests.watch.made import make_call, make_ended

URL = "https://proxy.test/example.com/m/@v/v1.0.0.mod"
GIT = "go: example.com/m@v1.0.0: git fetch -f https://git.test/m refs/heads/*: exit status 128:\n"
RESET = "go: x: read tcp 1.2.3.4:5->6.7.8.9:443: read: connection reset by peer, retry after 20\n"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to make what belongs to somebody else")


class Project:
    """A project of nobody's whose clone has links out of it, and a module cache that belongs to root."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.work = folder, folder / "home", folder / "home/work"
        self.cache = self.home / "go/pkg/mod"
        for directory in (self.work / "inside", self.cache / "cache/download", folder / "outside"):
            directory.mkdir(parents=True)
        (folder / "outside/go.sum").write_text("")
        (self.work / "go.mod").write_text("module m\n")
        (self.work / "go.work").write_text("go 1.21\nuse (\n\t./z\n\t.\n\t./inside\n\t../../outside\n)\n")
        (self.work / "z").symlink_to(folder / "outside")
        (self.work / "go.sum").symlink_to(folder / "outside/go.sum")
        folder.chmod(0o755)
        for path in (self.home, self.work, self.work / "inside", self.home / "go"):
            os.chown(path, 65534, 65534)

    def judge(self, text: str, **options: object) -> Diagnosis:
        """What a user who is not root is told of a line, and whether it is tried again."""
        call = make_call("mod", "download", directory=self.work, environment={"HOME": str(self.home)}, **options)
        ended = make_ended(text.replace("{}", str(self.folder)))
        os.seteuid(65534)
        try:
            return diagnose(ended, call, Gate(call), signs.load())
        finally:
            os.seteuid(0)


@pytest.fixture(params=[EXT4, f"{EXT4}\n{drive('c', '/')}"], ids=["on a disk", "on a Windows drive"])
def project(request, monkeypatch):
    monkeypatch.setattr(Host, "mountinfo", lambda _: request.param)
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(os, "access", lambda path, _: os.stat(path).st_uid == 65534)
        project = Project(Path(folder))
        monkeypatch.chdir(project.work)
        yield project


@needs_root
@pytest.mark.parametrize(
    "text",
    [
        f"go: example.com/m@v1.0.0: reading {URL}: 503 x: open /go.mod: permission denied\n",
        f"go: example.com/m@v1.0.0: reading {URL}: 503 x: open {{}}/home/go/pkg/mod/x: permission denied\n",
        f"go: example.com/m@v1.0.0: reading {URL}: 503 open /go.mod: read-only file system\n",
        f"go: example.com/m@v1.0.0: reading {URL}: 503 No space left on device\n",
        f'go: example.com/m@v1.0.0: Get "{URL}": open {{}}/home/go/pkg/mod/x: permission denied\n',
        f"{GIT}\tfatal: open /etc/x: Permission denied\n",
        f"{GIT}\tfatal: cannot open '{{}}/home/go/pkg/mod/cache/x': Permission denied\n",
        f"{GIT}\tremote: open {{}}/home/go/pkg/mod/cache/x: permission denied\n",
        f"{GIT}\tremote: open {{}}/home/go/pkg/mod/cache/x: read-only file system\n",
        f"{GIT}\tremote: no space left on device\n",
        f"# get {URL}: 503 open {{}}/home/go/pkg/mod/x: permission denied (0.1s)\n",
        "# cd .; git ls-remote x\nopen {}/home/go/pkg/mod/x: permission denied\n",
        "go: open {}/home/work/z/go.mod: permission denied\n",
        "go: open z/go.mod: permission denied\n",
        "go: open {}/outside/go.mod: permission denied\n",
        "go: updating go.sum: open {}/home/work/go.sum: permission denied\n",
        "go: open /go.mod: permission denied\n",
        "go: open /go.mod: read-only file system\n",
        "go: open /etc/go.mod: read-only file system\n",
        "go: open {}/home/go/pkg/mod/../../../../../../etc/go.mod: permission denied\n",
        "go: open {}/home/go/pkg/mod/../../../work/go.sum: read-only file system\n",
        "go: could not create module cache: mkdir /etc/go: permission denied\n",
        "go: write /etc/passwd: disk quota exceeded\n",
        "go: m@v1: proxy returned info for version x: open /go.mod: permission denied instead of requested v1\n",
    ],
)  # fmt: skip
def test_no_advice_follows_from_what_is_not_gos_own(project, text):
    said = project.judge(text).remedy
    for word in ("sudo", "chown", "remount", "chmod", "df -h", "is full", "read-only", "belongs to", "quota"):
        assert word not in said


@needs_root
def test_what_go_says_of_its_own_cache_has_the_exact_command(project):
    found = project.judge("go: open {}/home/go/pkg/mod/cache/download/x.lock: permission denied\n")
    cache = os.path.realpath(project.cache)
    assert not found.again
    assert found.remedy.endswith(f"`sudo chown -hR 65534:0 {cache}` makes it yours.")


@needs_root
def test_the_home_of_another_is_not_given_away(project):
    os.chown(project.home, 0, 0)
    found = project.judge("go: open {}/home/go/pkg/mod/cache/download/x.lock: permission denied\n")
    assert "belongs to root" in found.remedy
    assert "sudo" not in found.remedy


HEADINGS = (
    "# example.com/p\n",
    "# example.com/p [example.com/p.test]\n",
    "# [example.com/p]\n",
    "# pkg-config --cflags  -- x\n",
    "# _/a directory\n",
    "# command-line-arguments\np.c:1:2: error: #error x\n",
    "go: downloading example.com/m v1.0.0\n# example.com/p\n# example.com/q\n",
    f"# get {URL}\n# get {URL}: 200 OK (0.1s)\n# example.com/p\n",
)


@needs_root
@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize(
    "line",
    [
        RESET,
        "p.c:1:2: error: #error x: connection reset by peer, retry after 20\n",
        f"go: example.com/m@v1.0.0: reading {URL}: 503 Service Unavailable\n\tserver response: retry after 20\n",
        "go: open {}/home/go/pkg/mod/cache/lock: permission denied\n",
        "link: write {}/home/go/pkg/mod/cache/lock: no space left on device\n",
    ],
)
def test_what_stands_below_the_heading_of_a_package_is_not_judged(project, heading, line):
    found = project.judge(heading + line)
    assert (found.kind, found.again, found.remedy, found.retry_after_s) == ("unknown", False, "", 0)


@needs_root
def test_what_go_says_before_the_first_package_is_judged_and_traces_are_no_heading(project):
    for before in ("", f"# get {URL}\n", "# lock /x\n", "# /x for git3 https://git.test\n", "# cd .; git x\nx\n"):
        found = project.judge(f"{before}{RESET}# example.com/p\ngo: y: checksum mismatch\n")
        assert (found.kind, found.again, found.retry_after_s) == ("network", True, 20)


def test_output_of_a_build_as_json_is_judged_up_to_the_first_package():
    def event(text: str) -> str:
        return json.dumps({"ImportPath": "p", "Action": "build-output", "Output": text}) + "\n"

    load, heading, line = event("a.go:2:8: example.com/x: unexpected EOF\n"), event("# p\n"), event(RESET)
    texts = list(signs.error_lines(signs.json_texts([load, heading, line])))
    assert texts == ["a.go:2:8: example.com/x: unexpected EOF"]


# Names that a clone gives its files, packages and directories, in the errors in which go quotes them.
NAMED = "connection reset by peer retry after 20"
QUOTED = (
    f"a.go:2:8: malformed import path \"{NAMED} https://x\": invalid char ' '",
    f"{NAMED}.go:1:1: expected 'package', found x",
    f"{NAMED} https://x.test/a@v1.0.0.go:1:1: expected 'package', found x",
    f"a.go:3:11: invalid flag in #cgo CFLAGS: {NAMED} https://x",
    f"go: invalid flag in #cgo CFLAGS: {NAMED} https://x",
    f"go: x.y/z@v1.0.0: replacement directory ./{NAMED} does not exist",
    f"go: x.y/z@v1.0.0 (replaced by ./{NAMED}): reading {NAMED}/go.mod: open /x: no such file or directory",
    f'/w/go.mod:5: malformed tool path "{NAMED}": invalid char',
    f"a.go:1:9: expected 'IDENT', found \"{NAMED} https://x\"",
    f"found packages m (a.go) and o ({NAMED}.go) in /w",
    f"main.go:1:1: dial tcp: {NAMED}.go:1:1: expected 'package', found x",
    f"main.go:1:1: x@v1.0.0: unexpected EOF {NAMED}.go:1:1: expected 'package'",
    f'a.go:1:1: Get "https:/x": {NAMED}/b.go:1:1: expected',
    f"pattern {NAMED}: no matching files found",
    f"open ./{NAMED} https://x: no such file or directory",
    f"go: cannot find main module, but found .git/config in {NAMED}",
)


@for_each("line", QUOTED)
def test_no_name_that_a_clone_gives_reads_as_an_error_of_the_network(line):
    lines = [f"{line}\n", f"{line}: git fetch: exit status 1:\n", f"\t{NAMED}\n"]
    for text in (lines[:1], lines):
        found = signs.judge(signs.error_lines(text), signs.load())
        assert [each for each in found if each.sign.kind in ("network", "handshake")] == []


READING = "reading https://proxy.test/example.com/m/@v/v1.0.0.zip: 503 Service Unavailable"


@for_each(
    "line",
    [
        f"go: can't load test package: part01/part01.go:4:2: example.com/m@v1.0.0: {READING}",
        f"part01/part01.go:4:2: example.com/m@v1.0.0: {READING}",
        f"\texample.com/m: example.com/m@v1.0.0: {READING}",
        f"build example.com/app: cannot load example.com/m: example.com/m@v1.0.0: {READING}",
    ],
)
def test_each_form_in_which_go_tells_of_a_download_is_known(line):
    (found,) = signs.judge(signs.error_lines([line]), signs.load())
    assert found.sign.kind == "network"

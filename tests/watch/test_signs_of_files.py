"""Which errors of files are a lock, which are for good, and which are none."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from tests.tables import for_each
from tests.watch.judged import CACHE, decided, findings

OPS = [
    "open",
    "openat",
    "remove",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "chmod",
    "truncate",
    "ftruncate",
    "write",
    "read",
    "close",
    "sync",
    "fsync",
    "stat",
    "lstat",
    "Lock",
    "RLock",
    "Unlock",
    "CreateFile",
    "fdopendir",
    "readdirent",
    "copy_file_range",
]
LOCKED = (
    "permission denied",
    "resource temporarily unavailable",
    "input/output error",
    "device or resource busy",
    "text file busy",
    "directory not empty",
    "Access is denied.",
    "The process cannot access the file because it is being used by another process.",
    "The process cannot access the file because another process has locked a portion of the file.",
    "The directory is not empty.",
    "The requested operation cannot be performed on a file with a user-mapped section open.",
)
PREFIXES = (
    "",
    "go: ",
    "-> ",
    "main.go:6:2: ",
    "go: github.com/a/b@v1.0.0: ",
    "verifying github.com/a/b@v1.0.0: ",
    f"go: unzip {CACHE}/v1.0.0.zip: ",
    "\tgithub.com/a/b: ",
    "go build command-line-arguments: cannot load github.com/a/b: ",
    "go: cannot load module b listed in go.work file: ",
)
PATHS = (
    f"{CACHE}/v1.0.0.lock",
    "/go/pkg/mod/github.com/a/b@v1.0.0/x: y.go",
    "C:\\Users\\Jo Doe\\go\\pkg\\mod\\github.com\\a\\b@v1.0.0",
    "go.sum",
)


@for_each("errno", LOCKED)
@for_each("op", OPS)
def test_any_operation_on_a_file_that_is_held_is_a_lock(op, errno):
    for prefix, path in itertools.product(PREFIXES, PATHS):
        found = decided(f"{prefix}{op} {path}: {errno}")
        assert (found.sign.kind, found.path) == ("lock", path)


@for_each("errno", LOCKED)
@for_each("op", ["rename", "link", "symlink"])
def test_of_two_paths_the_target_is_told(op, errno):
    for prefix, path in itertools.product(PREFIXES, PATHS):
        assert decided(f"{prefix}{op} {path}268196250.tmp {path}: {errno}").path == path


@for_each(
    "errno, id_",
    [
        ("no space left on device", "disk-full"),
        ("There is not enough space on the disk.", "disk-full"),
        ("disk quota exceeded", "disk-quota"),
        ("read-only file system", "read-only"),
        ("invalid cross-device link", "cross-device"),
        ("file too large", "wrong-file"),
        ("file name too long", "wrong-file"),
        ("is a directory", "wrong-file"),
        ("not a directory", "wrong-file"),
        ("no locks available", "no-file-locking"),
        ("function not implemented", "no-file-locking"),
        ("operation not supported", "no-file-locking"),
        ("Incorrect function.", "no-file-locking"),
        ("operation not permitted", "not-permitted"),
        ("invalid argument", "invalid-argument"),
        (
            (
                "Operation did not complete successfully because the file contains a virus or potentially unwanted "
                "software."
            ),
            "virus",
        ),
    ],
)
def test_a_disk_that_refuses_for_good_is_told_with_the_path(errno, id_):
    for prefix, op, path in itertools.product(PREFIXES, ["open", "rename /x.tmp", "Lock", "write"], PATHS):
        found = decided(f"{prefix}{op} {path}: {errno}")
        assert (found.sign.kind, found.sign.id, found.path) == ("permanent", id_, path)


@for_each("end", [": open b/go.mod: no such file or directory", " requires go >= 1.99, but go.work lists go 1.21"])
def test_a_workspace_that_is_wrong_itself_is_no_lock(end):
    assert decided(f"go: cannot load module b listed in go.work file{end}").sign.kind == "permanent"


@for_each("name", ["v1.0.0.lock", "v1.0.0.zip12.tmp", "v1.0.0.partial", "v1.0.0.ziphash", "v1.0.0.mod"])
def test_a_file_that_go_was_making_and_that_is_gone_is_a_lock_for_one_retry(name):
    found = decided(f"go: open {CACHE}/{name}: no such file or directory")
    assert (found.sign.kind, found.sign.tries) == ("lock", 1)


@for_each("path", ["/src/app/go.mod", "go.mod", "C:\\src\\go.mod", f"{CACHE}/v1.0.0", "/src/x.go"])
def test_any_other_file_that_is_missing_is_no_lock(path):
    assert findings(f"go: open {path}: no such file or directory") == []


def test_a_lost_handle_is_a_lock_only_while_reading_or_writing():
    assert decided(f"go: write {CACHE}/v1.0.0.zip1.tmp: bad file descriptor").sign.kind == "lock"
    assert decided(f"go: read {CACHE}/v1.0.0.zip: bad file descriptor").sign.kind == "lock"
    assert findings(f"go: close {CACHE}/v1.0.0.zip: bad file descriptor") == []


@for_each(
    "line",
    [
        "go: write |1: permission denied",
        "write /dev/stdout: input/output error",
        "fork/exec /usr/lib/go/bin/go: permission denied",
        "fork/exec /usr/lib/go/pkg/tool/compile: resource temporarily unavailable",
        "write /dev/stdout: broken pipe",
        "write |1: broken pipe",
        "./main.go:3:5: syntax error: unexpected EOF, expecting }",
        "../../go/pkg/mod/github.com/a/b@v1.0.0/x.go:10:5: syntax error: unexpected EOF",
        "./main.go:3:5: undefined: x",
        "FAIL\tapp [setup failed]",
        "go: error loading module requirements",
        "exit status 1",
        "signal: killed",
    ],
)
def test_what_is_none_of_these_is_unknown(line):
    assert findings(line) == []


@for_each(
    "start",
    ["go: could not create module cache: ", "go: failed to create cache directory /go: ", "go: creating work dir: "],
)
@for_each("errno", LOCKED)
def test_a_cache_that_cannot_be_made_at_all_is_no_lock(start, errno):
    found = decided(f"{start}mkdir /go/pkg: {errno}")
    assert (found.sign.kind, found.path) == ("permanent", "/go/pkg")


@given(st.text(st.characters(exclude_characters="\n\r"), min_size=1, max_size=40), st.sampled_from(LOCKED))
def test_any_path_is_found_again(name, errno):
    path = f"/mnt/c/{name}x"
    found = decided(f"go: open {path}: {errno}")
    assert found.sign.kind == "lock"
    assert found.path == path or re.search(r"(?::|->|[=(\"'\t]) ?\S|: ", name)

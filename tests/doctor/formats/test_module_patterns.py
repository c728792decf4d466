"""Lists of module patterns as Go reads them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.formats import module_patterns
from tests.tables import for_each

GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")


@for_each(
    "patterns, module, is_covered",
    [
        ("git.corp.example", "git.corp.example/team/x", True),
        ("git.corp.example/", "git.corp.example/team/x", True),
        ("*.corp.example", "git.corp.example/x", True),
        ("*.corp.example", "corp.example/x", False),
        ("corp.example", "git.corp.example/x", False),
        ("github.com/org/*", "github.com/org/x/v2", True),
        ("github.com/org/*", "github.com/org", False),
        ("github.com/or?", "github.com/org/x", True),
        ("github.com/[a-o]rg", "github.com/org/x", True),
        ("github.com/[^a-o]rg", "github.com/org/x", False),
        ("git\\.corp.example", "git.corp.example/x", True),
        ("a.b,,git.corp.example", "git.corp.example/x", True),
        ("a.b, git.corp.example", "git.corp.example/x", False),
        ("https://git.corp.example", "git.corp.example/x", False),
        ("git.corp.example/...", "git.corp.example/x", False),
        ("git.corp.example/[", "git.corp.example/x", False),
        ("git.corp.example/[z-a]", "git.corp.example/x", False),
        ("*", "golang.org/x/text", True),
        ("none", "golang.org/x/text", False),
        ("", "golang.org/x/text", False),
    ],
)
def test_a_pattern_is_compared_with_as_many_elements_as_it_has(patterns, module, is_covered):
    assert module_patterns.covers(patterns, module) is is_covered


@for_each(
    "pattern, is_covered",
    [
        ("*" * 60_000 + "x", False),
        ("*a" * 30 + "*b", False),
        ("*a" * 30 + "*", True),
        ("**a?*", True),
        ("*a*b/*", False),
        ("*aa/b*b", True),
        ("*ab*", False),
    ],
)
def test_many_stars_take_no_time(pattern, is_covered):
    assert module_patterns.covers(pattern, "a" * 200 + "/bcb") is is_covered


@for_each("pattern", ["A.b" + "/" * 60_000 + "x", "A.b/x" + "/..." * 30_000 + "y"])
def test_many_slashes_take_no_time(pattern):
    assert not module_patterns.as_meant(pattern).startswith("A")


@for_each(
    "pattern",
    ["git.corp.example", "*", "none", "*.corp", "github.com/Org/*", "a.b/[x-z]*", "git\\.corp.example", "a.b/c~d/e_f"],
)
def test_a_pattern_that_can_match_is_not_dead(pattern):
    assert not module_patterns.why_dead(pattern)


@for_each(
    "pattern",
    [
        " a.b",
        "a.b\r",
        "a.b c.d",
        "https://a.b",
        '"a.b"',
        "a.b:443",
        "me@a.b",
        "a.b/...",
        "^a",
        "a.b|c.d",
        "{a.b}",
        ".a.b",
        "A.b/c",
        "a.b/[x",
        "a.b\\team",
        "$HOST",
        "a.b;c.d",
        "(a)",
    ],
)
def test_a_pattern_that_matches_no_module_path_is_dead_for_a_reason(pattern):
    assert module_patterns.why_dead(pattern)


@for_each(
    "pattern, meant",
    [
        ("git.corp.example", "git.corp.example"),
        ("git.corp.example:8443", "git.corp.example"),
        ("https://Git.Corp.example:8443/Team/", "git.corp.example/Team"),
        ("git@git.corp.example:team/x", "git.corp.example/team/x"),
        ("ssh://git@git.corp.example:22/team", "git.corp.example/team"),
        ("https://me:pw@git.corp.example", "git.corp.example"),
        (".corp.example", "*.corp.example"),
        ("*.Corp.example/team/...", "*.corp.example/team"),
        ("git.corp.example/...", "git.corp.example"),
        ("https://github.com/org/repo.git", "github.com/org/repo,github.com/org/repo.git"),
        ("git@git.corp.example:team/x.git/", "git.corp.example/team/x,git.corp.example/team/x.git"),
        ("https://x.git", "x.git"),
    ],
)
def test_a_dead_pattern_is_written_as_it_is_meant(pattern, meant):
    assert module_patterns.as_meant(pattern) == meant


@pytest.mark.skipif(not GO, reason="no go to compare with")
@pytest.mark.parametrize(
    "pattern",
    ["https://Git.example.com:8443/", "git@git.example.com:team", ".example.com", "git.example.com/team/..."],
)
def test_the_real_go_takes_for_private_what_is_meant_and_not_what_is_dead(tmp_path: Path, pattern: str):
    """With all version control forbidden it says which rule forbids it, and asks nobody."""
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.21\n")
    variables = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GOPROXY": "direct", "GOVCS": "*:off"}
    words = [GO, "list", "-mod=mod", "-m", "git.example.com/team/x.git@v1.0.0"]
    for private, kind in ((pattern, "public"), (module_patterns.as_meant(pattern), "private")):
        told = {**variables, "GOPRIVATE": private}
        done = subprocess.run(words, cwd=tmp_path, env=told, capture_output=True, text=True, check=False)
        assert f"GOVCS disallows using git for {kind}" in done.stderr


@for_each(
    "pattern",
    [
        *("^git", ".*\\.corp", ".*.corp", "a.b/.../c", "a.b...", "a.b|c.d", "{a.b}", "$HOST", "http://", "me@"),
        *("https:git.corp/x", "https:/git.corp/x", "ftp://"),
    ],
)
def test_what_a_pattern_is_meant_to_be_is_not_guessed(pattern):
    assert module_patterns.as_meant(pattern) == ""


@for_each(
    "pattern, is_wide",
    [
        ("*", True),
        ("github.com", True),
        ("github.com/*", True),
        ("*.org", True),
        ("github.com/org", False),
        ("a.b", False),
    ],
)
def test_a_pattern_that_takes_a_whole_public_host_is_known(pattern, is_wide):
    assert bool(module_patterns.takes_public(pattern)) is is_wide


@for_each(
    "module, is_private",
    [("git.corp/x", True), ("git.x.internal/y", True), ("github.com/corp/x", False), ("corp.com/x.internal", False)],
)
def test_a_host_that_no_public_name_server_knows_looks_private(module, is_private):
    assert module_patterns.looks_private(module) is is_private

"""Whether a host gave a call anything, by what it said and by what came into the module cache."""

from __future__ import annotations

import os

import pytest

from goshim.watch import answers
from goshim.watch.diagnosis import Diagnosis
from tests.tables import for_each
from tests.watch.judged import findings

PROXY = 'go: example.com/a@v1.0.0: Get "https://proxy.test/example.com/a/@v/v1.0.0.mod": EOF'
LATEST = 'go: module example.com/a: Get "https://proxy.test/example.com/a/@latest": EOF'
ITSELF = 'go: git.test/a@v1.0.0: unrecognized import path "git.test/a": Get "https://git.test/a?go-get=1": EOF'
CHECKSUMS = 'go: x.org/a@v1.0.0: verifying go.mod: Get "https://sum.test/lookup/x.org/a@v1.0.0": EOF'
PASSED_ON = 'go: x.org/a@v1.0.0: verifying go.mod: Get "https://proxy.test/sumdb/sum.test/lookup/x.org/a@v1.0.0": EOF'


def diagnosis(*lines: str) -> Diagnosis:
    found = tuple(findings("\n".join(lines)))
    return Diagnosis(found[0].sign.kind, again=True, finding=found[0], findings=found)


@pytest.fixture
def came(tmp_path):
    """Whether the host of a line gave anything, if that file came at a second, and the call began at second 1000."""

    def ask(line: str, name: str, at_s: float = 1000) -> bool:
        path = tmp_path / "cache/download" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
        for each in (path, path.parent):
            os.utime(each, (at_s, at_s))
        return answers.came(diagnosis(line).finding, str(tmp_path), 1000)

    return ask


@pytest.mark.parametrize("line", [PROXY, LATEST, PASSED_ON])
@pytest.mark.parametrize("name", ["v1.0.0.mod", "v1.0.0.info", "v1.0.0.zip", "list"])
def test_of_a_module_proxy_any_module_is_an_answer(came, line, name):
    assert came(line, f"example.com/b/@v/{name}")


@pytest.mark.parametrize(
    ("line", "name"), [(ITSELF, "git.test/b/@v/v1.0.0.mod"), (CHECKSUMS, "sumdb/sum.test/lookup/x.org/b@v1.0.0")]
)
def test_of_another_host_what_is_named_by_it_is_an_answer(came, line, name):
    assert came(line, name)


@pytest.mark.parametrize("line", [ITSELF, CHECKSUMS])
def test_what_others_gave_is_no_answer_of_such_a_host(came, line):
    assert not came(line, "example.com/b/@v/v1.0.0.mod")


def test_what_was_there_before_is_no_answer(came):
    assert not came(PROXY, "example.com/b/@v/v1.0.0.mod", at_s=999)


@pytest.mark.parametrize("name", ["v1.0.0.lock", "v1.0.0.partial", "v1.0.0.zip123.tmp"])
def test_what_go_makes_before_anything_comes_is_no_answer(came, name):
    assert not came(PROXY, f"example.com/b/@v/{name}")


def test_without_a_cache_nothing_came():
    assert not answers.came(diagnosis(PROXY).finding, "/nonexistent", 0)


@for_each(
    "line, host",
    [
        ("go: reading https://proxy.test/b/@v/v1.mod: 503 Service Unavailable", "proxy.test"),
        ('go: b@v1.0.0: read "https://proxy.test/b/@v/v1.zip": unexpected EOF', "proxy.test"),
        ('go: b@v1.0.0: Get "https://proxy.test/b": stream error: stream ID 3; REFUSED_STREAM', "proxy.test"),
        ("\tfatal: unable to access 'https://git.test/b/': The requested URL returned error: 502", "git.test"),
    ],
)
def test_a_host_that_says_something_of_its_own_answers(line, host):
    assert answers.hosts(diagnosis(line)) == {host}


@for_each("line", [PROXY, 'go: Get "https://proxy.test/b": dial tcp 10.0.0.1:443: i/o timeout', "\tfatal: early EOF"])
def test_a_host_that_is_not_reached_does_not(line):
    assert answers.hosts(diagnosis(line)) == set()


def test_a_handshake_before_a_zip_is_one_of_a_host_that_gave_its_go_mod():
    assert answers.unanswered(diagnosis(PROXY)) == "proxy.test"
    assert answers.unanswered(diagnosis(PROXY.replace(".mod", ".zip"))) == ""
    assert answers.unanswered(diagnosis("go: reading https://proxy.test/x: 503 Busy")) == ""

"""What becomes of a watched call where goshim itself is at fault."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from goshim.base import resources
from goshim.watch import journal, watched
from tests.watch.made import held, make_call, make_ended, settings_words

GO = '#!/bin/sh\nprintf \'%s\\n\' "$*"\necho x >>"$0.n"\n'


@pytest.fixture
def go(tmp_path):
    path = tmp_path / "go"
    path.write_text(GO)
    path.chmod(0o755)
    return str(path)


def run(words: list[str], tmp_path, before: str = "", after: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-S", "-X", "utf8", resources.BOOT, "watch", words[0], "/launcher", *words[1:]]
    script = f'{before}\nexec "$@" {after}'
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/bash", "-c", script, "sh", *command], env=environment, capture_output=True, check=False
    )


def times(go: str) -> int:
    with open(f"{go}.n", encoding="ascii") as file:
        return file.read().count("x")


@pytest.mark.parametrize("how", ["repeat", "prefetch"])
@pytest.mark.parametrize("words", [["no settings", "0"], [settings_words(), "no mask"]])
@pytest.mark.parametrize("stderr", ["", "2>&-", "2>/dev/full"])
def test_words_that_make_no_call_still_run_go_once(go, tmp_path, how, words, stderr):
    done = run([how, *words, go, "build", "a b"], tmp_path, after=stderr)
    assert done.stdout.splitlines()[0] == b"build a b"
    assert done.returncode == 0
    assert times(go) == 1
    if not stderr:
        assert done.stderr.startswith(b"goshim: ")


@pytest.mark.parametrize("most", [5, 6, 7, 8])
def test_without_descriptors_go_runs_once_and_signals_reach_it(tmp_path, most):
    words = ["repeat", settings_words(), "0", "/bin/grep", "-E", "^SigBlk", "/proc/self/status"]
    done = run(words, tmp_path, before=f"ulimit -n {most}")
    assert done.stdout.splitlines() == [b"SigBlk:\t0000000000000000"]
    assert done.returncode == 0


def test_a_call_that_runs_a_program_of_the_users_is_not_repeated(go, tmp_path):
    (tmp_path / "go").write_text(f"{GO}echo '{held(f'{tmp_path}/mod/x').strip()}' >&2; exit 1\n")
    (tmp_path / "mod").mkdir()
    words = ["repeat", settings_words(locks="always", first_wait_s=0.001, lock_budget_s=0.01), "0", go, "build"]
    assert run([*words, "-toolexec=x"], tmp_path, before=f"export GOMODCACHE={tmp_path}/mod").returncode == 1
    assert times(go) == 1
    run(words, tmp_path, before=f"export GOMODCACHE={tmp_path}/mod")
    assert times(go) > 2


class Supervisor:
    """Gives these ends, one after the other."""

    forwarded = 0
    before_stop = None

    def __init__(self, *ends) -> None:
        self.ends = list(ends)
        self.said = ""

    def run(self, _call, **_):
        return self.ends.pop(0)

    def wait(self, seconds):
        pass

    def say(self, text):
        self.said += text


def test_a_fault_after_the_last_attempt_leaves_it_as_it_ended(tmp_path, monkeypatch, capfd):
    def broken(*_):
        raise OSError(errno.EIO, "broken")

    (tmp_path / "mod/cache").mkdir(parents=True)
    environment = {"GOMODCACHE": f"{tmp_path}/mod", "GOFLAGS": "-json"}
    call = make_call(directory=tmp_path, environment=environment, locks="always", first_wait_s=0.001)
    monkeypatch.setattr(journal, "add", broken)
    first = make_ended(held(f"{tmp_path}/mod/cache/x.zip"), stdout=b"first")
    last = make_ended(code=0, stdout=b"last")
    ended = watched.attempts(Supervisor(first, last), call, lambda _: False)
    assert ended.code == 0
    assert list(ended.stdout_lines()) == ["last"]
    assert "broken" in capfd.readouterr().err


def test_a_fault_before_anything_is_tried_again_leaves_the_first_attempt(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("goshim.watch.fight.diagnose", lambda *_: 1 / 0)
    call = make_call(directory=tmp_path, environment={"GOFLAGS": "-json"})
    ended = watched.attempts(Supervisor(make_ended("x\n", 3, b"all")), call, lambda _: False)
    assert ended.code == 3
    assert list(ended.stdout_lines()) == ["all"]
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize("code", [0, -2])
def test_what_went_well_or_was_ended_is_not_looked_into(tmp_path, monkeypatch, code):
    monkeypatch.setitem(sys.modules, "goshim.watch.fight", None)
    ended = make_ended("go: x\n", code)
    call = make_call(directory=tmp_path, environment={"GOSHIM_DEBUG": "1"})
    assert watched.attempts(Supervisor(ended), call, lambda _: False) is ended


def test_descriptors_that_were_closed_have_a_meaning(go, tmp_path):
    (tmp_path / "go").write_text(f"#!/bin/sh\nls -l /proc/self/fd >{tmp_path}/said\n")
    run(["repeat", settings_words(), "0", go, "build"], tmp_path, after="<&- >&- 2>&-")
    assert "0 -> /dev/null" in (tmp_path / "said").read_text()

"""Code of the user's is run once where files are held, after what it needs was fetched unseen."""

from __future__ import annotations

import pytest

from tests.end_to_end.windows_drive.held_files import PREFETCH, zip_of

FAILING_TEST = """package main

import (
	"os"
	"testing"
)

func Test(t *testing.T) {
	file, err := os.OpenFile(os.Getenv("RUNS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString("run\\n")
	t.Fatalf("open %s/cache/download/example.com/m/@v/v1.0.0.lock: permission denied", os.Getenv("GOMODCACHE"))
}
"""


def test_a_test_finds_its_modules_though_they_were_held_and_nothing_is_said(user):
    cache = f"{user.on_c}/mod"
    user.recorded.refuse(zip_of(cache), runs=2)
    user.recorded.forget()
    done = user.go("test", ".", env={"GOMODCACHE": cache})
    assert (done.text, done.err, done.code) == ("?   \texample.com/app\t[no test files]\n", b"", 0)
    assert user.recorded.words == [PREFETCH] * 3 + ["test ."]


@pytest.mark.parametrize("policy", ["auto", "never"])
def test_a_test_that_fails_is_run_once_whatever_it_says(user, policy):
    (user.work / "main_test.go").write_text(FAILING_TEST)
    runs = user.root / "runs"
    env = {"GOMODCACHE": f"{user.on_c}/mod", "RUNS": str(runs), "GOSHIM_RETRY__PREFETCH": policy}
    done = user.go("test", "-count=1", ".", env=env)
    assert done.code == 1
    assert "permission denied" in done.text
    assert done.ours == []
    assert runs.read_text() == "run\n"
    assert user.recorded.words == [PREFETCH] * (policy == "auto") + ["test -count=1 ."]

"""Whole CI jobs on a bad network, and builds that are made once whatever the network does."""

from __future__ import annotations

from tests.end_to_end.ci_runs import ci_runs
from tests.end_to_end.module_proxy import Break, ModuleProxy
from tests.end_to_end.network.downloads import ZIP, against, needing

CI_SEEDS = (1, 5, 17)  # at one in 60 each of them breaks files that `go test` needs


def test_elsewhere_a_build_is_not_tried_again(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go("build", "./...", env=against(proxy, user))
    assert (done.out, done.code, done.ours, proxy.count(ZIP)) == (b"", 1, [], 1)


def test_a_build_that_runs_a_program_of_the_callers_is_made_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go("build", "-toolexec=env", env={**against(proxy, user), "CI": "true"})
    assert (done.code, proxy.count(ZIP)) == (1, 1)


def test_ci_jobs_on_a_bad_network_fail_without_goshim_and_pass_with_it(user, embedded_go):
    environment = {name: user.env[name] for name in ("GOCACHE", "LANG")}
    bare = ci_runs([embedded_go], user.root / "bare", {**environment, "PATH": "/usr/bin:/bin"}, CI_SEEDS, packages=1)
    assert [run.code for run in bare] == [1] * len(CI_SEEDS)
    quick = {name: value for name, value in user.env.items() if name.startswith("GOSHIM_")}
    environment |= {"PATH": user.env["PATH"], **quick}
    runs = ci_runs([user.launcher], user.root / "through", environment, CI_SEEDS, packages=1)
    assert [(run.seed, run.code) for run in runs] == [(seed, 0) for seed in CI_SEEDS]
    assert all(run.broken for run in runs)

"""What a project and a user set for watched calls, and that goshim can be turned off."""

from __future__ import annotations

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.verbs.calls import CI, DOWNLOAD, FETCHING, NO_CI, RUNNING, ZIP, needing


def test_a_project_says_how_patient_its_downloads_are(user):
    served = needing(user)
    for tries in 2, 6:
        user.project_file.write_text(f"[retry]\nnetwork_tries = {tries}\n")
        with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
            for command in DOWNLOAD, FETCHING["build"]:
                proxy.forget()
                assert user.go(*command, env={**CI, "GOPROXY": proxy.url}).code == 1
                assert proxy.count(ZIP) == tries


def test_an_untrusted_project_can_not_make_calls_hang(user):
    served = needing(user)
    user.project_file.write_text("[retry]\nnetwork_tries = 11\n")  # one more than such a file may ask for
    with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
        assert user.go(*DOWNLOAD, env={"GOPROXY": proxy.url}).code == 1
        assert proxy.count(ZIP) == 4  # the default
        user.put(user.config, "[retry]\nnetwork_tries = 11\n")
        proxy.forget()
        assert user.go(*DOWNLOAD, env={"GOPROXY": proxy.url}).code == 1
        assert proxy.count(ZIP) == 11


@pytest.mark.parametrize(("policy", "env"), [("always", NO_CI), ("never", CI)])
def test_a_project_says_whether_locks_are_to_be_expected(told, real, policy, env):
    real.project_file.write_text(f'[retry]\nlocks = "{policy}"\n')
    called = told("build", ".", env=env)
    assert called == [("below", "build .")]  # never: there are still networks, in CI
    real.project_file.write_text('[retry]\nlocks = "never"\n')
    assert told("build", ".", env=NO_CI) == [("itself", "build .")]


@pytest.mark.parametrize("how", ["variable", "file"])
def test_turned_off_nothing_is_supervised_and_nothing_tried_again(user, how):
    served = needing(user)
    env = {**CI, "GOSHIM": "off"} if how == "variable" else CI
    if how == "file":
        assert user.goshim("off").code == 0
    with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
        env = {**env, "GOPROXY": proxy.url}
        for verb in DOWNLOAD, *FETCHING.values(), RUNNING["test"]:
            assert user.recorded.called_by(user, *verb, env=env) == [("itself", " ".join(verb))]
        proxy.forget()
        bare = user.bare(*DOWNLOAD, env=env)
        assert user.go(*DOWNLOAD, env=env) == bare
        assert proxy.count(ZIP) == 2
    assert not (user.home / ".local/state/goshim").exists()
    assert not user.store.exists()

"""What is said where a file on a Windows drive stays held, and that what is advised then helps."""

from __future__ import annotations

import time

import pytest

from tests.end_to_end.windows_drive.held_files import AT_ONCE_S, DOWNLOAD, FETCHING, is_of_the_root, last_words, zip_of


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_a_lost_fight_names_the_file_and_the_setting_that_ends_it(user, verb):
    cache = f"{user.on_c}/mod"
    user.recorded.refuse(zip_of(cache), runs=1000)
    start = time.monotonic()
    done = user.go(
        *verb, env={"GOMODCACHE": cache, "GOSHIM_RETRY__FIRST_WAIT_S": "0.1", "GOSHIM_RETRY__LOCK_BUDGET_S": "0.3"}
    )
    assert time.monotonic() - start < AT_ONCE_S
    assert (done.out, done.code) == (b"", 1)
    assert len(user.recorded.calls) > 2
    words = last_words(done)
    assert str(zip_of(cache)) in words
    assert 'module_cache.location = "native"' in words


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_with_that_setting_the_cache_is_on_linux_own_disk_and_nothing_is_held(user, verb):
    on_drive, native = f"{user.on_c}/mod", user.home / "go/pkg/mod"
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    user.recorded.refuse(zip_of(on_drive), runs=1000)
    done = user.go(*verb, env={"GOMODCACHE": on_drive})
    assert (done.out, done.code, done.ours) == (b"", 0, [])
    assert user.recorded.words == [" ".join(verb)]
    assert user.recorded.refused == []
    assert zip_of(native).exists()
    assert not user.machine.at(on_drive).exists()


def test_under_wsl1_nobody_is_sent_to_a_disk_that_scanners_see_as_well(wsl1, at_work, real):
    user = at_work(wsl1, real)
    if not is_of_the_root(user):
        pytest.skip("the directory for tests is a mount of its own here")
    cache = user.home / "go/pkg/mod"
    user.recorded.refuse(zip_of(cache), runs=1000)
    done = user.go(*DOWNLOAD, env={"GOSHIM_RETRY__LOCK_BUDGET_S": "0.1"})
    assert done.code == 1
    words = last_words(done)
    assert str(zip_of(cache)) in words
    assert "none of them sees it" not in words  # all that WSL1 has are files of NTFS

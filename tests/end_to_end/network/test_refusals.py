"""What another attempt can't mend is asked for once: refusals, wrong checksums, proxies that are not there."""

from __future__ import annotations

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, ZIP, against, last_words, needing


@pytest.mark.parametrize("fault", ["401", "403", "404", "404 in words", "407", "410"])
def test_a_refusal_is_not_asked_about_again(user, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert f"v1.0.0.zip: {fault[:3]} " in done.message


def test_a_zip_with_another_checksum_is_fetched_exactly_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("forged", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert "\nSECURITY ERROR\n" in done.message


def test_a_wrong_checksum_ends_a_fight_that_goes_on(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", "*/m00/*.mod"), Break("forged", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 1)
    assert (proxy.count("*/m00/*.mod"), proxy.count(ZIP)) == (2, 1)
    assert "\nSECURITY ERROR\n" in done.message


@pytest.mark.parametrize("other", ["503", "reset", "truncated"])
def test_a_refusal_ends_it_whatever_else_broke(user, other):
    needed = needing(user)
    with ModuleProxy(needed, [Break("403", ZIP, ALWAYS), Break(other, "*/m02/*.zip")]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 1)
    assert (proxy.count(ZIP), proxy.count("*/m02/*.zip")) == (1, 1)


def test_a_login_page_in_place_of_a_go_mod_is_a_wrong_checksum(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("html", "*/m01/*.mod")]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.code, proxy.count("*/m01/*.mod")) == (1, 1)
    assert "SECURITY ERROR" in done.message


def test_a_proxy_that_wants_a_login_is_asked_once(user):
    needed = needing(user, 1)
    for scheme in "http", "https":
        with ModuleProxy(needed, [Break("407", "*", ALWAYS)]) as proxy:
            env = {"GOPROXY": f"{scheme}://modules.test", f"{scheme.upper()}_PROXY": proxy.url}
            done = user.go(*DOWNLOAD, env=env)
        assert (done.code, proxy.count()) == (1, 1)
        assert "Proxy Authentication Required" in done.message
        assert done.ours


def test_a_certificate_that_is_not_trusted_gets_words_and_no_second_attempt(user, calls):
    needed = needing(user, 1)
    with ModuleProxy(needed, tls=True) as proxy:
        done = user.go(*DOWNLOAD, env={"GOPROXY": proxy.url})
    assert (done.out, done.code) == (b"", 1)
    assert (calls().count("mod download"), proxy.connections) == (1, 1)
    assert "x509: " in done.message
    assert "certificate" in last_words(done)


def test_a_proxy_on_this_machine_that_is_not_there_is_not_waited_for(user, calls):
    needed = needing(user, 1)
    with ModuleProxy(needed) as gone:
        pass
    done = user.go(*DOWNLOAD, env={"GOPROXY": gone.url})
    assert (done.code, calls().count("mod download")) == (1, 1)
    assert "connect: connection refused" in done.message
    assert done.ours

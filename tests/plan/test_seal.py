"""Only a launcher, and who may read it, knows what ends the texts that it obeys."""

from __future__ import annotations

import os
import stat

import pytest

from goshim.launcher import install
from goshim.plan import seal
from tests.tables import for_each


@pytest.fixture
def launcher(tmp_path):
    def write(token: str = "", tokens: str = "") -> str:
        path = tmp_path / "go"
        path.write_bytes(install.launcher("", token, tokens))
        return str(path)

    return write


@pytest.fixture
def tokens(tmp_path):
    if os.geteuid():
        pytest.skip("only root can make a directory of root's")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens").chmod(seal.TOKENS_MODE)
    return tmp_path / "tokens"


def test_a_token_has_128_random_bits_and_is_read_from_the_launcher_alone(launcher):
    tokens = {seal.new() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}
    token = tokens.pop()
    assert seal.of(launcher(token)) == token
    assert seal.can_seal(launcher(token))
    assert seal.of(launcher()) == ""
    assert not seal.can_seal(launcher())


@pytest.mark.parametrize("token", ["", "0" * 31, "0" * 33, "G" * 32, "a" * 32 + "\n"])
def test_without_a_whole_token_nothing_is_sealed(token, launcher):
    assert seal.sealed("text\n", token) == ""


@for_each("path", ["/no/such/launcher", "/", "/dev/null", "/a\0b"])
def test_what_is_no_launcher_has_no_token(path):
    assert seal.of(path) == ""


def test_each_user_of_a_shared_launcher_has_a_token_that_only_this_user_can_read(launcher, tokens):
    path = launcher(tokens=str(tokens))
    token = seal.of(path)
    assert len(token) == 32
    assert seal.of(path) == token
    assert os.listdir(tokens) == [str(os.geteuid())]
    assert stat.S_IMODE((tokens / "0").stat().st_mode) == 0o600


def _by_link(file, tmp_path):
    (tmp_path / "known").write_text("0" * 32)
    file.symlink_to(tmp_path / "known")


def _open_to_others(file, _):
    file.write_text("0" * 32)
    file.chmod(0o644)


def _of_another(file, _):
    file.write_text("0" * 32)
    file.chmod(0o600)
    os.chown(file, 12345, 12345)


def _a_fifo(file, _):
    os.mkfifo(file, 0o600)


def _too_short(file, _):
    file.write_text("0")
    file.chmod(0o600)


@pytest.mark.parametrize("plant", [_by_link, _open_to_others, _of_another, _a_fifo, _too_short])
def test_a_token_that_others_could_have_put_there_or_can_read_is_none(launcher, tokens, tmp_path, plant):
    plant(tokens / "0", tmp_path)
    assert seal.of(launcher(tokens=str(tokens))) == ""


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o700])
def test_a_directory_of_tokens_whose_files_others_can_replace_is_not_used(launcher, tokens, mode):
    tokens.chmod(mode)
    assert seal.of(launcher(tokens=str(tokens))) == ""
    assert os.listdir(tokens) == []

"""The commands on settings, the module cache and completion."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.machine import CHECKOUT


def test_config_show_tells_each_value_and_where_it_comes_from(machine):
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text('\n[cgo]\nenabled = false\n[env]\nGOFLAGS = "-x"\n')
    machine.project_file.write_text("[epoch]\nsource = 3\n")
    lines = machine.goshim("config", "show", "--origin", env={"GOSHIM_RETRY__QUIET": "true"}).text.splitlines()
    assert f"cgo.enabled = false  # {machine.config}:3" in lines
    assert f'env.GOFLAGS = "-x"  # {machine.config}:5' in lines
    assert f"epoch.source = 3  # {machine.project_file}:2" in lines
    assert "retry.quiet = true  # GOSHIM_RETRY__QUIET" in lines
    assert 'path.windows = "last"  # default' in lines
    found = machine.goshim("config", "show", "--json").json["settings"]
    assert found["cgo.enabled"] == {"value": False, "origin": f"{machine.config}:3"}


def test_config_init_writes_a_file_that_changes_nothing_and_is_never_overwritten(machine):
    assert machine.goshim("config", "init").code == 0
    text = machine.project_file.read_text()
    assert machine.goshim("config", "check").text == f"{machine.project_file}: ok\n"
    assert machine.changes() == {}
    machine.project_file.write_text(text.replace("# source = ", "source = 5 # "))
    assert machine.dump().environment[b"SOURCE_DATE_EPOCH"] == b"5"
    assert machine.goshim("config", "init").code == 2
    assert "source = 5" in machine.project_file.read_text()


def test_config_check_looks_at_the_file_it_is_given(machine):
    path = machine.root / "some.toml"
    for content, code in (("[epoch]\nsource = 1\n", 0), ("[epoch]\nsauce = 1\n", 2), ("[epoch\n", 2)):
        path.write_text(content)
        assert machine.goshim("config", "check", path).code == code
    assert machine.goshim("config", "check", machine.root / "absent").code == 2


def test_config_schema_is_the_one_in_the_repository(machine):
    assert machine.goshim("config", "schema").json == json.loads((CHECKOUT / "config/settings.schema.json").read_text())


def test_cache_copy_brings_over_complete_downloads_once(machine):
    old, new = machine.root / "old", machine.home / "go/pkg/mod"
    files = {
        "a/@v/v1.zip": "zip",
        "a/@v/v1.mod": "mod",
        "a/@v/v1.lock": "",
        "a/@v/list": "v1",
        "b/@v/v2.zip.tmp": "torn",
    }
    for name, text in files.items():
        machine.put(old / "cache/download" / name, text)
    for count in (2, 0):
        done = machine.goshim("cache", "copy", "--from", old)
        assert (done.err, done.code, done.text.startswith(f"copied {count} of 2 files")) == (b"", 0, True)
    copied = [str(path.relative_to(new / "cache/download")) for path in new.rglob("*") if path.is_file()]
    assert sorted(copied) == ["a/@v/v1.mod", "a/@v/v1.zip"]
    assert machine.goshim("cache", "copy", "--from", machine.root / "absent").code == 2
    assert machine.goshim("cache", "copy", "--from", new).code == 2


@pytest.mark.parametrize(("shell", "flags"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_a_completion_script_is_one_its_shell_can_read(machine, program, shell, flags):
    done = machine.goshim("completion", shell)
    script = machine.put(machine.root / "completion", done.out)
    assert machine.call(program(shell), *flags, script) == (b"", b"", 0)
    assert all(word in done.text for word in ("install", "config", "schema", "--explain"))


def test_completion_in_bash_offers_what_can_follow(machine, program):
    script = machine.put(machine.root / "completion", machine.goshim("completion", "bash").out)
    ask = f'. {script}; COMP_WORDS=(goshim config s); COMP_CWORD=2; _goshim; echo "${{COMPREPLY[@]}}"'
    assert set(machine.call(program("bash"), "-c", ask).text.split()) == {"show", "schema"}

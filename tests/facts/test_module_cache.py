from __future__ import annotations

from goshim.facts.module_cache import locate
from goshim.facts.mounts import MountTable
from tests.machine import HOME, WITH_DRIVES
from tests.tables import for_each

PLAIN = {"HOME": HOME}


@for_each(
    "variables, file, cache",
    [
        ({}, {}, f"{HOME}/go/pkg/mod"),
        ({"GOMODCACHE": "/m"}, {}, "/m"),
        ({"GOPATH": "/p"}, {}, "/p/pkg/mod"),
        ({"GOPATH": "/p:/q"}, {}, "/p/pkg/mod"),
        ({"GOMODCACHE": "/m", "GOPATH": "/p"}, {}, "/m"),
        ({}, {"GOMODCACHE": "/m"}, "/m"),
        ({}, {"GOPATH": "/p:/q"}, "/p/pkg/mod"),
        ({"GOPATH": "/p"}, {"GOMODCACHE": "/m"}, "/m"),
        ({"GOMODCACHE": "/m"}, {"GOMODCACHE": "/n"}, "/m"),
        ({"GOPATH": "/p"}, {"GOPATH": "/q"}, "/p/pkg/mod"),
        ({"GOMODCACHE": "", "GOPATH": ""}, {}, f"{HOME}/go/pkg/mod"),
        ({"GOMODCACHE": ""}, {"GOMODCACHE": "/m"}, "/m"),
        ({"HOME": "/"}, {}, "/go/pkg/mod"),
        ({"HOME": f"{HOME}/"}, {}, f"{HOME}/go/pkg/mod"),
    ],
)
def test_the_module_cache_is_where_go_keeps_it(variables, file, cache):
    assert locate({**PLAIN, **variables}, file, MountTable()) == cache


@for_each("home", [None, "", "relative"])
def test_without_a_home_there_is_none_but_a_named_one(home):
    variables = {} if home is None else {"HOME": home}
    assert locate(variables, {}, MountTable()) == ""
    assert locate({**variables, "GOMODCACHE": "/m"}, {}, MountTable()) == "/m"


@for_each(
    "variables, file, cache",
    [
        ({"GOMODCACHE": "C:\\Users\\me\\mod"}, {}, "/mnt/c/Users/me/mod"),
        ({"GOPATH": "C:\\Users\\me\\go"}, {}, "/mnt/c/Users/me/go/pkg/mod"),
        ({"GOPATH": "C:\\go;D:\\go"}, {}, "/mnt/c/go/pkg/mod"),
        ({}, {"GOMODCACHE": "d:/mod"}, "/mnt/d/mod"),
        ({"GOMODCACHE": "E:\\mod"}, {}, f"{HOME}/go/pkg/mod"),
        ({"GOMODCACHE": "E:\\mod", "GOPATH": "/p"}, {}, "/p/pkg/mod"),
    ],
)
def test_a_windows_path_is_what_it_is_translated_to(variables, file, cache):
    assert locate({**PLAIN, **variables}, file, MountTable(WITH_DRIVES)) == cache

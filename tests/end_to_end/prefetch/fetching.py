"""Projects that need modules, what calls fetch before them, and what is seen of a call."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.end_to_end.generated_modules import Module, modules, write_project

LIST = "list -deps -test -buildvcs=false -- ./..."
ZIP = "*/m01/*.zip"
AT_ONCE_S = 20
SHORT = ("generate", "./...")  # of these calls the one that is over soonest
RUNNING = {
    "test": ("test", "./..."),
    "run": ("run", "."),
    "generate": SHORT,
    "tool": ("tool", "app"),
}
LISTS = {
    "test": LIST,
    "run": "list -deps -buildvcs=false -- .",
    "generate": "list -deps -buildvcs=false -- ./...",
    "tool": "list -deps -buildvcs=false -- example.com/app",
}


@dataclass(frozen=True)
class Program(Module):
    """A module that is a program."""

    @property
    def files(self):
        return {"go.mod": self.mod, "main.go": b'package main\n\nfunc main() { println("from afar") }\n'}


def needing(user, at=None, numbers=(0, 1), name="example.com/app"):
    """A project that needs some of the modules, one in each package."""
    directory = at or user.work
    write_project(directory, [modules(4)[number] for number in numbers], packages=len(numbers))
    for path in directory.rglob("*.*"):
        if path.name == "go.mod" or path.suffix == ".go":
            path.write_text(path.read_text().replace("example.com/app", name))
    return directory


def with_tool(user, path="example.com/app"):
    """Make a package the tool of a project."""
    go_mod = user.work / "go.mod"
    go_mod.write_text(go_mod.read_text().replace("go 1.21", "go 1.24") + f"\ntool {path}\n")


def workspace(user, *, root=False):
    """A workspace of the modules a and b, and maybe one at its root; each needs one module."""
    needing(user, user.work / "a", [0], "example.com/a")
    needing(user, user.work / "b", [1], "example.com/b")
    if root:
        needing(user, user.work, [2], "example.com/root")
    uses = "\t./a\n\t./b\n" + "\t.\n" * root
    (user.work / "go.work").write_text(f"go 1.21\n\nuse (\n{uses})\n")


def lists(user, *words, **more):
    """How many calls fetched before a call, which was made once."""
    user.recorded.forget()
    done = user.go(*words, **more)
    assert user.recorded.words[-1] == " ".join(words)
    assert all(call.startswith("list -deps ") for call in user.recorded.words[:-1])
    assert "goshim" not in done.message
    return len(user.recorded.calls) - 1


def told(done):
    """Exit code and output, without what differs from run to run, and without the names of what was fetched."""
    err = re.sub(r"(?m)^go: downloading .*\n", "", done.message)
    return [done.code, *(re.sub(r"\b\d+\.\d+s\b", "0s", text) for text in (done.text, err))]

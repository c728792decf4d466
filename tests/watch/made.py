"""Calls, ends of attempts and children, made for tests."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from goshim.settings.model import Retry
from goshim.watch.call import Call
from goshim.watch.spool import Spool, unlinked_file
from goshim.watch.supervisor import Ended

ZIP = "cache/download/example.com/a/@v/v1.0.0.zip"


def settings_words(**settings: object) -> str:
    return " ".join(f"{name}={value}" for name, value in {**vars(Retry()), **settings}.items())


def make_call(
    *arguments: str, directory: object, environment: Mapping[str, str] | None = None, go: str = "/bin/true", **settings
) -> Call:
    """A call of go in `directory`, which is its home too."""
    call = Call(settings_words(**settings), "0", go, arguments or ("mod", "download"))
    call.enter = None
    call.environment = {"HOME": str(directory), "PWD": str(directory), **(environment or {})}
    return call


def make_ended(stderr: str | bytes = "", code: int = 1, stdout: bytes | None = None) -> Ended:
    spool = Spool()
    spool.write(stderr if isinstance(stderr, bytes) else stderr.encode("utf-8", "surrogateescape"))
    file = None
    if stdout is not None:
        file = unlinked_file()
        os.write(file, stdout)
    return Ended(code, spool, file)


def held(path: object, errno: str = "permission denied") -> str:
    """What go says of a file that it may not rename."""
    return f"go: rename {path}196250.tmp {path}: {errno}\n"


def in_child(function: Callable[[], Any], user: int | None = None) -> Any:
    """What a function gives in a process of its own, which may be another user's."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if user is not None and os.getuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            os.write(writing, pickle.dumps(function()))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as file:
        data = file.read()
    assert os.waitpid(child, 0)[1] == 0
    return pickle.loads(data)


def python(script: str, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Another Python that runs a script and tells on stdout when it is ready."""
    words = [sys.executable, "-I", "-S", "-c", script, *map(str, arguments)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, **options)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def end(*children: subprocess.Popen[bytes]) -> None:
    for child in children:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def until(true: Callable[[], object], longest_s: float = 5.0) -> Any:
    """What a function gives as soon as it is something."""
    deadline = time.monotonic() + longest_s
    while not (value := true()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return value

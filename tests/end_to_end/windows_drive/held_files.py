"""What the tests of a module cache on a Windows drive speak of: the calls, the file that is held, what is seen.

Of three modules it is the one in the middle whose zip go may not rename, as where a virus scanner has it open.
"""

from __future__ import annotations

from tests.end_to_end.generated_modules import VERSION
from tests.end_to_end.injection import ModuleCache

MIDDLE = "example.com/m01"
AT_ONCE_S = 20
DOWNLOAD = ("mod", "download")
FETCHING = [
    ("build", "-o", "made", "."),
    ("vet", "."),
    ("install", "."),
    ("get", f"{MIDDLE}@{VERSION}"),
    ("mod", "tidy"),
    ("mod", "vendor"),
]
PREFETCH = "list -deps -test -buildvcs=false -- ."


def zip_of(cache):
    return ModuleCache(cache).entry(MIDDLE, VERSION, ".zip")


def last_words(done):
    """What goshim says last."""
    return done.message[done.message.rindex("goshim: ") :]


def is_whole(user, cache):
    """Whether the module cache has all that go.sum tells of."""
    env = {"GOMODCACHE": cache, "GOPROXY": "off"}
    codes = [user.bare("mod", verb, env=env).code for verb in ("download", "verify")]
    return codes == [0, 0]


def is_of_the_root(user):
    """Whether the home lies on what is mounted at /, as the machine's mount table has it."""
    table = user.call("/bin/cat", "/proc/self/mountinfo").text
    points = [line.split(" ")[4].rstrip("/") + "/" for line in table.splitlines()]
    return max((point for point in points if f"{user.home}/".startswith(point)), key=len) == "/"

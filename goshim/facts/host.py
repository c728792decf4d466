"""Where facts are read from. Each question to the machine is one method here, so that a plan can ask it again."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping

from goshim.base.encoding import to_bytes, to_text
from goshim.base.own_directory import MOST_LINKS, account_home
from goshim.base.terminal import printable
from goshim.facts.command import Limits, output

READ_LIMIT_BYTES = 1 << 20
LAUNCHER_MARK = b"\n# goshim launcher"  # begins the second line of bin/go

Answer = object
Question = tuple[str, str]


class UnreadableError(OSError):
    """Something is at this path, and it is no regular file of at most READ_LIMIT_BYTES that we may read."""


class Host:
    """The machine that goshim runs on, or for tests a folder that stands for one (`root`)."""

    def __init__(self, environment: Mapping[str, str], directory: str, root: str = "") -> None:
        """The caller's environment, its absolute working directory; `root` ends in no slash."""
        self._environment = environment
        self._directory = directory
        self._root = root

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables, each of which is a question."""
        return _Variables(self)

    @property
    def directory(self) -> str:
        """The working directory, by the name the caller knows it under."""
        return self._directory

    def ask(self, kind: str, subject: str) -> Answer:
        """Put one question. What is asked must depend on nothing but the machine's state."""
        return getattr(self, f"_{kind}")(subject)

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names of the variables that begin with prefix, sorted."""
        return self.ask("names", prefix)  # type: ignore[return-value]

    def read(self, path: str) -> bytes | None:
        """All bytes of a regular file, None where nothing is. Raises UnreadableError."""
        return self.ask("read", path)  # type: ignore[return-value]

    def text(self, path: str) -> str:
        """The text of a regular file; empty where nothing is, or nothing that can be read."""
        try:
            return to_text(self.read(path) or b"")
        except UnreadableError:
            return ""

    def format(self, path: str) -> str:
        """What a program file is by its first bytes: launcher (goshim's own), script, elf, unreadable, or other."""
        return self.ask("format", path)  # type: ignore[return-value]

    def exists(self, path: str) -> bool:
        """Whether anything is at the end of path, links followed."""
        return self.ask("exists", path)  # type: ignore[return-value]

    def is_directory(self, path: str) -> bool:
        """Whether path is a directory, links followed."""
        return self.ask("is_directory", path)  # type: ignore[return-value]

    def runnable(self, path: str) -> bool:
        """Whether path is a regular file that we may execute."""
        return self.ask("runnable", path)  # type: ignore[return-value]

    def owner(self, path: str) -> str:
        """Whose what is at the end of path is: `ours`, `root`, or which user's; empty where nothing is."""
        return self.ask("owner", path)  # type: ignore[return-value]

    def account_home(self) -> str:
        """The home of the account that we run as, whatever HOME says; empty where the account has none.

        Taken to last as long as the account: a plan that depends on it does not ask again.
        """
        return self.ask("account_home", "")  # type: ignore[return-value]

    def is_fixed(self, path: str) -> bool:
        """Whether an existing path is the same for every process: one that leads through /proc is not.

        `/proc/self/cwd` is another directory at each call, and `/dev/fd` leads there. A plan does not ask again: a
        program that is there by way of /proc is another file than the one that the plan compares it with.
        """
        return self.ask("is_fixed", path)  # type: ignore[return-value]

    def real(self, path: str) -> str:
        """What an existing path resolves to, every link followed."""
        return self.ask("real", path)  # type: ignore[return-value]

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The paths that match, sorted. Only `*` stands for something."""
        return self.ask("glob", pattern)  # type: ignore[return-value]

    def mount(self, path: str) -> str:
        """The number of the mount on which path, or what there is of it, lies (proc(5), fdinfo); empty if unknown."""
        return self.ask("mount", path)  # type: ignore[return-value]

    def mountinfo(self) -> str:
        """The mount table as it is now. Every container changes it: a plan depends on `mount` of a path instead."""
        try:
            return to_text(self._read("/proc/self/mountinfo") or b"")
        except UnreadableError:
            return ""

    def resolved(self, path: str) -> str:
        """What path resolves to now. As `mountinfo`, nothing that a plan depends on."""
        return self._real(path)

    @property
    def apart(self) -> Host:
        """The same machine, for what only some calls need to be the same."""
        return self

    def forget(self, path: str) -> None:
        """Keep nothing of what was read from path: it is not what it should be, and may be a secret."""

    def privacy(self, path: str) -> str:
        """Who could have put a file into a directory: `private` (we alone), `open` (others as well), or `absent`.

        Private is a directory, not a link to one, that belongs to us and that nobody else may write to.
        """
        return self.ask("privacy", path)  # type: ignore[return-value]

    def above(self, name: str) -> str | None:
        """The nearest directory, from the working directory upward, that holds name."""
        return self.ask("above", name)  # type: ignore[return-value]

    def program(self, process: int) -> str:
        """The program that a process runs now; empty if there is no such process, or it is not ours."""
        try:
            return to_text(os.readlink(self._at(f"/proc/{process}/exe")))
        except OSError:
            return ""

    def hour(self) -> str:
        """The date and hour of the wall clock: what depends on it is worked out again in the next one."""
        return self.ask("hour", "")  # type: ignore[return-value]

    def peek(self, path: str) -> bytes | None:
        """As `read`, and not kept: whether it may be, its content tells. Raises UnreadableError."""
        return self._read(path)

    def is_odd(self, path: str) -> bool:
        """Whether path is there and no regular file, links followed. Not kept: other answers must decide as well."""
        try:
            return not stat.S_ISREG(os.stat(self._at(path)).st_mode)
        except (OSError, ValueError):
            return False

    def run(self, words: tuple[str, ...], without: str, extra: Mapping[str, str], limits: Limits) -> bytes | None:
        """What a command prints, up to a limit; None if it fails or takes too long. It is given no input.

        Its environment is the caller's, less the variables that begin with `without`, and with `extra`.
        """
        kept = {name: value for name, value in self._environment.items() if not name.startswith(without)}
        environment = {to_bytes(name): to_bytes(value) for name, value in {**kept, **extra}.items()}
        return output([to_bytes(word) for word in words], environment, limits)

    def _at(self, path: str) -> bytes:
        return to_bytes(self._root + path)

    def _variable(self, name: str) -> str | None:
        return self._environment.get(name)

    def _names(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(name for name in self._environment if name.startswith(prefix)))

    def _read(self, path: str) -> bytes | None:
        try:
            file = os.open(self._at(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            if os.path.islink(self._at(path)):
                raise UnreadableError(f"{printable(path)}: a link to nothing") from None
            return None
        except OSError as error:
            if not os.path.lexists(self._at(path)):
                return None  # as for bash, where its directory is none, or may not be searched
            raise UnreadableError(f"{printable(path)}: {(error.strerror or 'unreadable').lower()}") from None
        try:
            return _whole(file, path)
        except UnreadableError:
            raise
        except OSError as error:  # files of the kernel can be regular by their mode, and refuse to be read
            raise UnreadableError(f"{printable(path)}: {(error.strerror or 'unreadable').lower()}") from None
        finally:
            os.close(file)

    def _format(self, path: str) -> str:
        try:
            with open(self._at(path), "rb", buffering=0) as stream:
                start = stream.read(200)
        except OSError:
            return "unreadable" if self._exists(path) else "other"
        if start.startswith(b"#!"):
            return "launcher" if LAUNCHER_MARK in start else "script"
        return "elf" if start.startswith(b"\x7fELF") else "other"

    def _exists(self, path: str) -> bool:
        return os.path.exists(self._at(path))

    def _is_directory(self, path: str) -> bool:
        return os.path.isdir(self._at(path))

    def _runnable(self, path: str) -> bool:
        return os.path.isfile(self._at(path)) and os.access(self._at(path), os.X_OK)

    def _owner(self, path: str) -> str:
        try:
            owner = os.stat(self._at(path)).st_uid
        except OSError:
            return ""
        return "ours" if owner == os.geteuid() else user_name(owner)

    def _account_home(self, _subject: str) -> str:
        return account_home()

    def _is_fixed(self, path: str) -> bool:
        at, left, links = "", path.split("/")[::-1], 0
        while left:
            step = left.pop()
            if step in ("", "."):
                continue
            if step == "..":
                at = at.rpartition("/")[0]
                continue
            at = f"{at}/{step}"
            if at == "/proc":
                return False
            try:
                link = to_text(os.readlink(self._at(at)))
            except OSError:
                continue  # no link
            links += 1
            if links > MOST_LINKS:
                return False
            at = "" if link.startswith("/") else at.rpartition("/")[0]
            left += link.removeprefix(self._root).split("/")[::-1]
        return True

    def _real(self, path: str) -> str:
        return to_text(os.path.realpath(self._at(path))).removeprefix(self._root)

    def _glob(self, pattern: str) -> tuple[str, ...]:
        import glob  # costs 5 ms; few calls come here

        pattern = self._root + pattern.replace("[", "[[]").replace("?", "[?]")
        return tuple(sorted(to_text(path).removeprefix(self._root) for path in glob.glob(to_bytes(pattern))))

    def _privacy(self, path: str) -> str:
        try:
            status = os.lstat(self._at(path))
        except OSError:
            return "absent"
        is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
        return "private" if is_ours and not status.st_mode & 0o022 else "open"

    def _mount(self, path: str) -> str:
        try:
            while not os.path.isdir(self._at(path)) and path:
                path = path.rstrip("/").rpartition("/")[0]
            directory = os.open(self._at(path or "/"), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            with open(f"/proc/self/fdinfo/{directory}", encoding="ascii") as file:
                return next((line.split()[1] for line in file if line.startswith("mnt_id:")), "")
        except OSError:
            return ""
        finally:
            os.close(directory)

    def _hour(self, _subject: str) -> str:
        return time.strftime("%F %H")  # as bash's printf has it: render.py

    def _above(self, name: str) -> str | None:
        directory = self._directory.rstrip("/")
        while not os.path.lexists(self._at(f"{directory}/{name}")):
            if not directory:
                return None
            directory = directory.rpartition("/")[0]
        return directory or "/"


def user_name(number: int) -> str:
    """How a user is called: `root`, `app (user 1000)`, or `user 1000` where the number has no name."""
    import pwd

    try:
        name = pwd.getpwuid(number).pw_name if number else "root"
    except KeyError:
        return f"user {number}"
    return f"{name} (user {number})" if number else name


def _whole(file: int, path: str) -> bytes:
    mode = os.fstat(file).st_mode
    if not stat.S_ISREG(mode):
        kind = "a directory" if stat.S_ISDIR(mode) else "a FIFO, socket or device"
        raise UnreadableError(f"{printable(path)}: {kind}, not a regular file")
    data = bytearray()
    while chunk := os.read(file, READ_LIMIT_BYTES):
        data += chunk
        if len(data) > READ_LIMIT_BYTES:
            raise UnreadableError(f"{printable(path)}: over {READ_LIMIT_BYTES >> 20} MiB")
    return bytes(data)


class Recorder(Host):
    """A Host that keeps every answer: what a plan, which acts in its stead later, must find the same."""

    def __init__(self, host: Host) -> None:
        """Ask `host`, and keep its answers in `answers` (a question's kind and subject) in the order asked."""
        super().__init__(host._environment, host._directory, host._root)  # noqa: SLF001 - a Host itself
        self.answers: dict[Question, Answer] = {}
        self.repeatable = True
        self._apart: Recorder | None = None

    @property
    def apart(self) -> Recorder:
        """A recorder of its own, whose answers leave out what this one has kept by then."""
        self._apart = self._apart or _Apart(self)
        return self._apart

    def ask(self, kind: str, subject: str) -> Answer:
        """Ask once; a question that fails leaves the record not repeatable."""
        question = (kind, subject)
        if question not in self.answers:
            try:
                self.answers[question] = super().ask(kind, subject)
            except OSError:
                self.repeatable = False
                raise
        return self.answers[question]

    def forget(self, path: str) -> None:
        """Drop the answer; what follows from it can't be repeated then."""
        if self.answers.pop(("read", path), None) is not None:
            self.repeatable = False

    def program(self, process: int) -> str:
        """Not kept, for the next moment it may be another."""
        self.repeatable = False
        return super().program(process)


class _Apart(Recorder):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._known = recorder

    def ask(self, kind: str, subject: str) -> Answer:
        known = self._known.answers
        return known[kind, subject] if (kind, subject) in known else super().ask(kind, subject)


class _Variables(Mapping[str, str]):
    """The environment as a mapping, each look-up of which is a question to the host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __getitem__(self, name: str) -> str:
        value = self._host.ask("variable", name)
        if value is None:
            raise KeyError(name)
        return str(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._host.names(""))

    def __len__(self) -> int:
        return len(self._host.names(""))

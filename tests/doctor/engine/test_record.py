"""A record is the machine: it replays what was answered, and nothing else; whoever made it can do no harm."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.base.errors import UsageError
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine import record
from goshim.doctor.engine.check import check
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.finding import Verdict, ok
from goshim.doctor.engine.look import Look, Options
from goshim.doctor.run import report
from goshim.doctor.run.examine import Examination
from goshim.facts.command import Limits
from goshim.facts.host import UnreadableError
from tests.doctor.closed import closed_machine
from tests.doctor.described import NOW_NS, look_at
from tests.machine import FolderMachine
from tests.tables import for_each


def saved(look: Look, path: Path) -> str:
    record.save(record.of(look.host, look.options), str(path))
    return str(path)


@check("everything", "path")
def everything(look: Look) -> Verdict:
    """Ask every kind of question, and tell every answer."""
    host = look.host
    asked = {
        "variables": lambda: dict(host.environment),
        "names": lambda: host.names("S"),
        "read": lambda: host.read("/bytes"),
        "read nothing": lambda: host.read("/nothing"),
        "read a directory": lambda: host.read("/d"),
        "format": lambda: host.format("/go"),
        "exists": lambda: (host.exists("/go"), host.exists("/no")),
        "is_directory": lambda: host.is_directory("/d"),
        "runnable": lambda: host.runnable("/go"),
        "real": lambda: host.real("/link"),
        "glob": lambda: host.glob("/d/*"),
        "mount": lambda: host.mount("/"),
        "privacy": lambda: host.privacy("/"),
        "mountinfo": host.mountinfo,
        "above": lambda: (host.above("go.mod"), host.above("nothing")),
        "program": lambda: host.program(1),
        "status": lambda: (host.status("/go"), host.status("/no")),
        "link": lambda: (host.link("/link"), host.link("/go")),
        "entries": lambda: host.entries("/d"),
        "writable": lambda: host.writable("/d"),
        "lines": lambda: host.lines("/bytes", "line"),
        "now": host.now_ns,
        "command": lambda: host.command(["/bin/x", "\udcfe"], {"A": None, "B": "b"}),
        "refused": lambda: host.command(["/bin/none"]),
        "run": lambda: host.run(("/bin/x",), "S", {}, Limits(1.0, 100)),
        "probe": lambda: host.probe("sample.measure", "x"),
        "odd probe": lambda: host.probe("sample.odd"),
        "failed probe": lambda: host.probe("sample.failed"),
    }
    return ok("asked", *(f"{name}: {answered(ask)}" for name, ask in asked.items()))


def answered(ask: Callable[[], Any]) -> str:
    try:
        return repr(ask())
    except UnreadableError as error:
        return f"unreadable: {error}"


@pytest.fixture
def look(machine: FolderMachine) -> Look:
    machine.write("/bytes", b"line \xff\xfe\0\r\nother\nline two\n")
    machine.program("/go")
    machine.write("/d/é", "")
    machine.write("/home/me/go.mod", "module x\n")
    machine.link("/link", "/go")
    machine.write("/proc/self/mountinfo", "1 2 3\n")
    return look_at(
        machine,
        {"SAMPLE": "a\udcff\n", "EMPTY": ""},
        commands={"/bin/x \udcfe": b"\xff\0out", "/bin/x": (3, b"")},
        probes={
            "sample.measure": {"a": [1, 2.5, None, {"b": "\udcff"}], "$bytes": "no"},
            "sample.odd": {"x": {"$error": "no"}, "y": {"$dict": {"$bytes": "no"}}},
            "sample.failed": OSError("no such thing"),
        },
    )


def test_a_record_replays_each_answer_with_the_file_system_closed(look: Look, tmp_path: Path):
    live = Examination(look, [everything]).findings
    assert len(live[0].evidence) == 28
    loaded = record.load(saved(look, tmp_path / "record"))
    with closed_machine() as tried:
        replayed = Examination(Look(loaded.host(), loaded.options), [everything]).findings
    assert tried == []
    assert replayed == live


def test_a_record_of_a_replay_is_the_same_record(look: Look, tmp_path: Path):
    Examination(look, [everything])
    first = Path(saved(look, tmp_path / "first"))
    loaded = record.load(str(first))
    replay = Look(loaded.host(), loaded.options)
    Examination(replay, [everything])
    assert Path(saved(replay, tmp_path / "second")).read_bytes() == first.read_bytes()


def test_a_record_tells_about_itself_and_has_a_line_for_each_question(machine: FolderMachine, tmp_path: Path):
    look = look_at(machine, options=Options(windows=False, network=True))
    look.host.exists("/a")
    path = saved(look, tmp_path / "record")
    values = json.loads(Path(path).read_bytes())
    assert values == {
        "schema": 1,
        "goshim": values["goshim"],
        "taken_ns": NOW_NS,
        "directory": "/home/me/project",
        "windows": False,
        "network": True,
        "answers": [["exists", "/a", False], ["now", "", NOW_NS]],
    }
    assert '\n  ["exists", "/a", false],\n' in Path(path).read_text(encoding="ascii")
    assert record.load(path).options == look.options


@pytest.mark.parametrize("there", [False, True])
def test_a_record_is_for_its_owners_eyes(machine: FolderMachine, tmp_path: Path, there):
    if there:
        (tmp_path / "record").touch(mode=0o644)
    path = saved(look_at(machine), tmp_path / "record")
    assert os.stat(path).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", ["/no/such/directory/record", "/", "/dev/full"])
def test_a_record_that_cannot_be_written_is_told(machine: FolderMachine, path):
    look = look_at(machine)
    with pytest.raises(UsageError, match="allowed: a new file, a regular file to replace"):
        record.save(record.of(look.host, look.options), path)


def test_a_question_that_a_record_has_no_answer_for_is_not_known(machine: FolderMachine, tmp_path: Path):
    loaded = record.load(saved(look_at(machine), tmp_path / "record"))

    @check("new", "path")
    def new(look: Look) -> Verdict:
        return ok(look.host.text("/a") + str(look.host.entries("/new")))

    (finding,) = Examination(Look(loaded.host()), [new]).findings
    assert (finding.status, finding.summary) == ("skip", "the record does not say (entries /new)")


def values(**more: Any) -> dict[str, Any]:
    about = {"schema": 1, "goshim": "9", "taken_ns": 1, "directory": "/", "windows": True, "network": False}
    return {**about, "answers": [], **more}


def refused(tmp_path: Path, data: str | bytes) -> str:
    """What is said of a file with these bytes, which is no record."""
    path = tmp_path / "record"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(UsageError) as told:
        record.load(str(path))
    text = str(told.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith("\n  allowed: a file that goshim doctor --save wrote")
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text) < len(str(path)) + 300
    return text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "not whole JSON"),
        (json.dumps(values())[:-1], "not whole JSON"),
        ("[" * 1_000_000, "not whole JSON"),
        ('{"schema": 1, "answers": ' + '{"a":' * 100_000, "not whole JSON"),
        (b"\xff\xfe", "not UTF-8"),
        ("\ufeff{}", "not whole JSON"),
        (b"\x7fELF\0\0", "not whole JSON"),
        ("[]", "JSON, and no record"),
        ('"text"', "JSON, and no record"),
        ("null", "JSON, and no record"),
        ("{}", "JSON, and no record"),
        ('{"schema": 1, "findings": []}', "JSON, and no record: a report, perhaps"),
        (json.dumps(values(schema=2)), "of schema 2, and this goshim reads 1"),
        ('{"schema": 2, "machine": {}}', "of schema 2, and this goshim reads 1"),
        (json.dumps(values(schema="\x1b[2J" * 50)), "of schema "),
        (json.dumps(values(schema=None)), "of schema None"),
        (json.dumps({k: v for k, v in values().items() if k != "windows"}), "damaged: it lacks 'windows'"),
        (json.dumps(values(windows="yes")), "damaged: "),
        (json.dumps(values(directory=None)), "damaged: "),
        (json.dumps(values(goshim=[1])), "damaged: "),
        (json.dumps(values(taken_ns=-1)), "damaged: it was taken at no time"),
        (json.dumps(values(taken_ns=10**19)), "damaged: it was taken at no time"),
        (json.dumps(values(taken_ns=1.5)), "damaged: "),
        (json.dumps(values(taken_ns=True)), "damaged: "),
        (json.dumps(values()).replace('"taken_ns": 1', '"taken_ns": ' + "9" * 100_000), "not whole JSON"),
        (json.dumps(values()).replace('"taken_ns": 1', '"taken_ns": NaN'), "not whole JSON"),
        (json.dumps(values(answers=[["probe", "[]", 1]])).replace("1]]", "1e999]]"), "not whole JSON"),
        (json.dumps(values(answers={"abc": 1})), "damaged: "),
        (json.dumps(values(answers="abc")), "damaged: "),
        (json.dumps(values(answers=[["exists", "/"]])), "damaged: "),
        (json.dumps(values(answers=[["exists", ["/"], True]])), "damaged: "),
        (json.dumps(values(answers=[[{}, "/", True]])), "damaged: "),
        (json.dumps(values(answers=[["exists", "/", True], ["exists", "/", False]])), "damaged: two answers"),
        (json.dumps(values(answers=[["read", "/", {"$bytes": "\ud800"}]])), "damaged: "),
        (json.dumps(values(answers=[["read", "/", {"$bytes": 1}]])), "damaged: "),
        (json.dumps(values(answers=[["read", "/", {"$error": {}}]])), "damaged: "),
    ],
)  # fmt: skip
def test_what_is_no_record_is_told_in_two_lines(tmp_path: Path, data, reason):
    assert reason in refused(tmp_path, data)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("variable", 1), ("names", "abc"), ("names", [1]), ("read", "text"), ("read", True), ("format", None),
        ("exists", "yes"), ("exists", None), ("is_directory", 0), ("runnable", []), ("real", None), ("glob", [None]),
        ("glob", {}), ("mount", 3), ("above", False), ("program", None), ("status", {}), ("status", {"kind": "-"}),
        ("status", []), ("link", 1), ("entries", [["x"]]), ("entries", None), ("writable", "x"), ("lines", {}),
        ("lines", [["x", 1]]), ("lines", [[1]]), ("lines", [1]), ("lines", None), ("now", "x"), ("now", -1),
        ("now", 10**19), ("now", None), ("command", None), ("command", []), ("command", {"code": 0}),
        (
            "command",
            {"code": 0, "output": "text", "errors": {"$bytes": ""}, "error": "", "began_ns": 1, "ended_ns": 1},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_of_the_wrong_type_is_damage(tmp_path: Path, kind, answer):
    assert "damaged: " in refused(tmp_path, json.dumps(values(answers=[[kind, "[]", answer]])))


def test_a_kind_of_question_from_a_newer_goshim_is_not_known_and_the_rest_is(tmp_path: Path):
    path = tmp_path / "record"
    path.write_text(json.dumps(values(answers=[["scent", "/", 7], ["exists", "/", True]])))
    host = record.load(str(path)).host()
    assert host.exists("/")
    with pytest.raises(UnreadableError, match="knows no questions of the kind scent"):
        host.ask("scent", "/")


def test_what_is_no_regular_file_is_told_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    os.symlink("loop", tmp_path / "loop")
    for name, reason in {
        "fifo": "not a regular file",
        "": "not a regular file",
        "loop": "too many levels",
        "no": "no such file",
    }.items():
        began_s = time.monotonic()
        with pytest.raises(UsageError, match=reason):
            record.load(str(tmp_path / name))
        assert time.monotonic() - began_s < 5


@pytest.mark.parametrize("size_bytes", [100 << 20, record.LIMIT_BYTES + 1])
def test_a_file_too_large_for_a_record_is_not_read_to_its_end(tmp_path: Path, size_bytes):
    with open(tmp_path / "record", "wb") as file:
        file.truncate(size_bytes)
    with pytest.raises(UsageError, match="over 10 MiB, which no record is"):
        record.load(str(tmp_path / "record"))


# Any answer is the same after it was written and read.

_texts = st.binary(max_size=20).map(lambda data: data.decode("utf-8", "surrogateescape"))
_numbers = st.integers(-(10**18), 10**18)
_plain = st.none() | st.booleans() | _numbers | st.floats(allow_nan=False, allow_infinity=False) | _texts
_names = _texts | st.sampled_from(["$bytes", "$error", "$dict"])
_json = st.recursive(
    _plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3), max_leaves=8
)
_done = st.fixed_dictionaries(
    {
        "code": st.none() | st.integers(-64, 255),
        "output": st.binary(max_size=20),
        "errors": st.binary(max_size=20),
        "error": _texts,
        "began_ns": st.integers(0, 2**62),
        "ended_ns": st.integers(0, 2**62),
    }
)
_status = st.fixed_dictionaries(
    {
        "kind": st.sampled_from("-dlpsbc"),
        **dict.fromkeys(("mode", "owner", "group", "size_bytes", "changed_ns", "inode", "device"), _numbers),
    }
)
_answers = {
    "variable": st.none() | _texts,
    "names": st.lists(_texts, max_size=4).map(tuple),
    "read": st.none() | st.binary(max_size=40),
    "exists": st.booleans(),
    "real": _texts,
    "above": st.none() | _texts,
    "entries": st.lists(_texts, max_size=4).map(tuple),
    "status": st.none() | _status,
    "lines": st.lists(st.tuples(st.integers(1, 10**6), _texts), max_size=4).map(tuple),
    "now": st.integers(0, 2**62),
    "command": _done,
    "probe": _json,
}
_errors = _texts.map(UnreadableError)
_questions = st.sampled_from(sorted(_answers)).flatmap(
    lambda kind: st.tuples(st.tuples(st.just(kind), _texts), _answers[kind] | _errors)
)


def comparable(answer: Any) -> Any:
    return ("error", str(answer)) if isinstance(answer, UnreadableError) else (type(answer), answer)


@given(st.lists(_questions, max_size=6), _texts, st.booleans(), st.booleans())
def test_any_answers_are_the_same_after_they_were_written_and_read(pairs, directory, windows, network):
    made = record.Record("9", 5, directory, Options(windows, network), dict(pairs))
    with tempfile.TemporaryDirectory() as folder:
        record.save(made, f"{folder}/record")
        found = record.load(f"{folder}/record")
    assert (found.directory, found.options, found.taken_ns) == (directory, made.options, 5)
    assert {key: comparable(each) for key, each in found.answers.items()} == {
        key: comparable(each) for key, each in made.answers.items()
    }


# Without secrets.

CERTIFICATE = b"0\x82\x03\xa40\x82\x02\x8c\xa0\x03\x02\x01\x02"  # as one begins in DER, and no private key does


def recorded(kind: str, subject: str, answer: Any) -> Any:
    """What a record holds where a host was answered so."""
    host = DoctorHost({}, "/")
    host.answers[kind, subject] = answer
    answers = dict(record.of(host, Options()).answers)
    del answers["now", ""]
    ((question, found),) = answers.items()
    assert question[0] == kind
    assert "hunter2" not in question[1]
    return found


@for_each("kind, subject, answer, found", [
        ("variable", "GITHUB_TOKEN", "hunter2", "***"),
        ("variable", "GITHUB_TOKEN", "", ""),
        ("variable", "GITHUB_TOKEN", None, None),
        ("variable", "HTTP_PROXY", 'http://me:hun,ter"2@x hunter2@proxy:3128', "http://me:***@proxy:3128"),
        ("read", "/f", b"\xffA_TOKEN=hunter2\r\nB=1\n", b"\xffA_TOKEN=***\r\nB=1\n"),
        ("read", "/f", "A_TOKEN=hunter2\r\nB=é".encode("utf-16-le"), "A_TOKEN=***\r\nB=é".encode("utf-16-le")),
        ("read", "/f", "\ufeffA_TOKEN=hunter2\n".encode("utf-16-be"), "\ufeffA_TOKEN=***\n".encode("utf-16-be")),
        ("read", "/f", "\ufeffA_TOKEN=hunter2\n".encode("utf-16-le"), "\ufeffA_TOKEN=***\n".encode("utf-16-le")),
        ("read", "/f", b"\xff\xfe\x00\xd8", b"\xff\xfe\x00\xd8"),
        ("read", "/f", b"0\x82\x04\xa4\x02\x01\x00\x02\x82hunter2", b"***"),
        ("read", "/f", b"0w\x02\x01\x01\x04 hunter2", b"***"),
        ("read", "/f", CERTIFICATE, CERTIFICATE),
        ("probe", '["a.b", "https://me:hunter2@x"]', {"url": "https://me:hunter2@x"}, {"url": "https://me:***@x"}),
        ("probe", "[]", {"https://me:hunter2@x": {"A_TOKEN": "hunter2"}}, {"https://me:***@x": {"A_TOKEN": "***"}}),
        ("probe", "[]", {"key": "value", "auth": "netrc"}, {"key": "value", "auth": "netrc"}),
        ("lines", '["/f", "x"]', ((3, "export A_TOKEN=hunter2"),), ((3, "export A_TOKEN=***"),)),
        ("command", '[["x", "--token=hunter2"], {"A_TOKEN": "hunter2"}, "/", 5]', {"output": b"x"}, {"output": b"x"}),
        ("read", "/https://me:hunter2@x/", None, None),
    ])  # fmt: skip
def test_a_record_holds_no_secret(kind, subject, answer, found):
    assert recorded(kind, subject, answer) == found


def test_an_error_is_told_without_a_secret():
    assert str(recorded("read", "/f", UnreadableError("https://me:hunter2@x: gone"))) == "https://me:***@x: gone"


def test_a_question_with_a_secret_is_answered_by_a_record(machine: FolderMachine, tmp_path: Path):
    words = ["/bin/x", "-ldflags=-X main.token=hunter2", "https://me:hunter2@x"]
    look = look_at(machine, commands={" ".join(words): b"well"})
    look.host.command(words)
    path = saved(look, tmp_path / "record")
    assert "hunter2" not in Path(path).read_text(encoding="ascii")
    assert record.load(path).host().command(words).output == b"well"


@pytest.mark.parametrize("nonsense", [None, "x", [], {}, 10**19, [None], {"a": None}])
def test_probes_that_answer_nonsense_are_told_and_end_nothing(tmp_path: Path, nonsense):
    data = json.loads((Path(__file__).parent.parent / "zoo/wsl2_9p.json").read_text(encoding="ascii"))
    data["answers"] = [[*each[:2], nonsense if each[0] == "probe" else each[2]] for each in data["answers"]]
    (tmp_path / "record").write_text(json.dumps(data))
    try:
        loaded = record.load(str(tmp_path / "record"))
    except UsageError:
        return
    examination = Examination(Look(loaded.host(), loaded.options), CHECKS)
    told = report.make(examination, loaded.goshim, loaded.taken_ns)
    assert told.as_markdown()
    crashed = [each.summary for each in told.findings if each.status == "crash"]
    assert all(summary.startswith("the record is damaged") for summary in crashed)


def test_an_answer_that_no_machine_can_give_is_damage(tmp_path: Path):
    (tmp_path / "record").write_text(
        '{"schema": 1, "goshim": "", "taken_ns": 1, "directory": "/", "windows": true, "network": false, "answers": '
        f'[["read", "/f", {{"$bytes": "{"x" * (1 << 20)}y"}}]]}}'
    )
    with pytest.raises(UsageError, match="damaged"):
        record.load(str(tmp_path / "record"))


@pytest.mark.parametrize("schema", ["true", "1.0", '"1"'])
def test_a_schema_is_a_whole_number(tmp_path: Path, schema):
    (tmp_path / "record").write_text(f'{{"schema": {schema}, "answers": []}}')
    with pytest.raises(UsageError):
        record.load(str(tmp_path / "record"))


def test_of_a_file_that_would_take_long_to_be_looked_through_only_its_size_is_recorded():
    short, long = b"token: x\n" * 10, b"token: x\n" * 200_000
    assert record.redacted("read", "/go.mod", short) == b"token: ***\n" * 10
    answer = record.redacted("read", "/go.mod", long)
    assert isinstance(answer, UnreadableError)
    assert "1800000 bytes" in str(answer)

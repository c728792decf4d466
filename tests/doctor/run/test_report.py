"""The report for programs and for bug reports."""

from __future__ import annotations

import json
import re

from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Finding, Remedy, Verdict, ok
from goshim.doctor.engine.look import Look
from goshim.doctor.run import report
from goshim.doctor.run.examine import Examination
from goshim.doctor.run.report import Report
from tests.doctor.described import NOW_NS, look_at
from tests.machine import FolderMachine
from tests.tables import for_each


def reported(*findings: Finding, **more: str) -> Report:
    about = {"goshim": "0.3.0", "system": "Debian 13 on WSL2", "kernel": "6.6", "go": "go1.27.3", **more}
    return Report(about["goshim"], NOW_NS, about["system"], about["kernel"], about["go"], findings)


def found(
    status: str, name: str = "path-order", section: str = "path", summary: str = "said", **more: object
) -> Finding:
    return Finding(name, section, status, summary, **more)


ALL = tuple(found(status, f"is-{status}") for status in ("ok", "skip", "info", "warn", "crash", "fail"))


def test_json_has_the_shape_of_the_design():
    remedy = Remedy("mend it", "true", "sudo")
    made = reported(*ALL, found("fail", "last", "clock", evidence=("seen",), remedies=(remedy,), detail="why"))
    values = json.loads(json.dumps(made.as_json()))
    assert list(values) == ["goshim", "taken", "host", "summary", "findings"]
    assert (values["goshim"], values["taken"]) == ("0.3.0", "2026-11-18T11:06:40Z")
    assert values["host"] == {"system": "Debian 13 on WSL2", "kernel": "6.6", "go": "go1.27.3"}
    assert values["summary"] == {
        "counts": {"fail": 2, "crash": 1, "warn": 1, "info": 1, "skip": 1, "ok": 1},
        "problems": ["is-fail", "last", "is-crash", "is-warn"],
    }
    assert [each["check"] for each in values["findings"]] == [f"is-{each.status}" for each in ALL] + ["last"]
    assert values["findings"][-1]["remedies"] == [{"text": "mend it", "command": "true", "where": "sudo"}]
    assert reported(go="").as_json()["host"]["go"] is None


@for_each(
    "statuses, code, strict_code",
    [
        ((), 0, 0),
        (("ok", "info", "skip"), 0, 0),
        (("ok", "warn"), 0, 1),
        (("fail", "ok"), 1, 1),
        (("crash",), 1, 1),
    ],
)
def test_the_exit_code_tells_whether_something_failed(statuses, code, strict_code):
    made = reported(*map(found, statuses))
    assert (made.exit_code(strict=False), made.exit_code(strict=True)) == (code, strict_code)


def test_what_a_machine_says_of_itself_does_nothing_to_a_terminal(machine: FolderMachine):
    machine.write("/etc/os-release", 'PRETTY_NAME="Evil\x1b[2J https://me:hunter2@x"\n')
    machine.write("/proc/sys/kernel/osrelease", "6.1\x1b]0;x\x07\n")

    @check("x", "path")
    def judge(_look: Look) -> Verdict:
        return ok("")

    made = report.make(Examination(look_at(machine), [judge]), "0\x1b[2J", NOW_NS)
    assert all(each.isprintable() for each in (made.system, made.kernel, made.goshim))
    assert made.system == r"Evil\x1b[2J https://me:***@x"
    assert made.kernel.startswith("6.1")


NASTY = (
    "a | b\n\n# heading\n```\n</td></table><script>alert(1)</script> [x](http://evil) ![i](http://evil) `code` *b* _i_ "
    "~~~ &lt; @someone #12 $x$ \\| \\` <!-- -->"
)


def markdown(*findings: Finding, **more: str) -> list[str]:
    return reported(*(each.fit_to_show() for each in findings), **more).as_markdown().split("\n")


def test_markdown_has_a_table_of_all_and_the_problems_in_full():
    remedy = Remedy("take it out", "export PATH=/usr/bin\nhash -r", "shell")
    lines = markdown(*ALL, found("fail", "last", evidence=("seen", "twice"), remedies=(remedy,), detail="It matters."))
    text = "\n".join(lines)
    assert lines[0] == "### goshim doctor"
    assert lines[2].startswith("goshim 0.3.0, Debian 13 on WSL2, kernel 6.6, go1.27.3, 2026")
    assert "| status | check | |\n|---|---|---|\n| ok | is-ok | said |\n" in text
    assert [line for line in lines if line.startswith("#### ")] == [
        "#### fail: is-fail", "#### fail: last", "#### crash: is-crash", "#### warn: is-warn",
    ]  # fmt: skip
    assert (
        "#### fail: last\n\nsaid\n\n```\nseen\ntwice\n```\n\nIt matters.\n\n- take it out (this shell)\n"
        "  ```\n  export PATH=/usr/bin\n  hash -r\n  ```\n"
    ) in text


@for_each("sign", [*"`|<[*_~@#$&", "\\"])
def test_no_sign_that_means_something_in_markdown_is_left_bare(sign):
    finding = found("fail", summary=NASTY, detail=NASTY, remedies=(Remedy(NASTY),))
    lines = markdown(finding, system=NASTY, kernel=NASTY)
    for line in (line for line in lines if "heading" in line):
        text = line.removeprefix("| fail | path-order | ").removesuffix(" |")
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
        assert sign not in bare


def test_a_table_keeps_its_columns_and_its_rows():
    lines = markdown(found("fail", summary=NASTY), found("ok", "next"))
    rows = lines[lines.index("|---|---|---|") + 1 : lines.index("")] or lines[lines.index("|---|---|---|") + 1 :]
    table = rows[: rows.index("")]
    assert len(table) == 2
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in table)


@for_each("text", ["```", "````\n```", "~~~", "`````` x"])
def test_a_fence_ends_where_it_should(text):
    remedy = Remedy("do", f"echo {text}")
    lines = [line.strip() for line in markdown(found("fail", evidence=(text, "end"), remedies=(remedy,)))]
    fences = [line for line in lines if re.fullmatch("`{3,}", line)]
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    assert len([fence for fence in fences if len(fence) > longest]) == 4


@for_each("start", ["- x", "+ x", "===", "---", "~~~", "> x", "# x", "    x"])
def test_no_text_begins_a_block_of_its_own(start):
    lines = markdown(found("fail", summary=start, detail=start))
    for line in lines[lines.index("#### fail: path-order") + 1 :]:
        assert not re.match(r"[-+=~>#]|    ", line)

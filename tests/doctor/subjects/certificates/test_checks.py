"""The check of certificates, by files that are read for real; each remedy that can be carried out here is."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from goshim.doctor.engine.finding import Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.certificates import checks as certificates
from tests.doctor.authorities import (
    BUNDLE,
    BYTE_ORDER_MARK,
    LOCAL,
    PAST_ALL_NS,
    debian,
    der,
    in_utf_16,
    look_at_certificates,
    pem,
)
from tests.doctor.described import look_at
from tests.machine import EXT4, HOME, FolderMachine, drive

ANCHORS = "/etc/pki/ca-trust/source/anchors"


def judged(machine: FolderMachine, variables: dict[str, str] | None = None, **told) -> Verdict:
    return judge(certificates.tls_ca, look_at_certificates(machine, variables, **told))


def commands(verdict: Verdict) -> list[str]:
    return [each.command for each in verdict.remedies]


def fedora(machine: FolderMachine) -> FolderMachine:
    machine.write("/etc/pki/tls/certs/ca-bundle.crt", pem("Public One"))
    machine.directory(ANCHORS)
    machine.program("/usr/bin/update-ca-trust")
    return machine


def test_a_healthy_machine_is_well_with_the_number_and_the_place(machine):
    verdict = judged(debian(machine))
    assert (verdict.status, verdict.summary) == ("ok", f"go trusts 2 certificates, from {BUNDLE}")
    assert verdict.evidence == ()


def test_a_certificate_of_ones_own_that_arrived_is_told_with_its_end(machine):
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    verdict = judged(debian(machine, "Corp"))
    assert verdict.status == "ok"
    assert verdict.evidence == (f"O=Corp, until 3000-01-01: {LOCAL}/corp.crt",)


def test_a_healthy_fedora_is_well(machine):
    machine.write(f"{ANCHORS}/corp.pem", pem("Public One"))
    assert judged(fedora(machine)).status == "ok"


def test_a_machine_whose_certificates_cannot_be_read_is_skipped_with_the_reason(machine):
    verdict = judge(certificates.tls_ca, look_at(machine, probes={"certificates.store": OSError("it hangs")}))
    assert verdict.status == "skip"
    assert "the certificates can't be read" in verdict.summary


def test_a_machine_without_certificates_fails_and_names_the_package(machine):
    machine.program("/usr/bin/apt-get")
    verdict = judged(machine)
    assert verdict.status == "fail"
    assert "no certificate at all" in verdict.summary
    assert commands(verdict) == ["sudo apt-get install ca-certificates"]


def test_a_bundle_that_is_gone_while_its_sources_are_there_is_made_again(machine):
    debian(machine)
    shutil.rmtree(machine.at("/etc/ssl/certs"))
    verdict = judged(machine)
    assert verdict.status == "fail"
    assert commands(verdict) == ["sudo update-ca-certificates --fresh"]


def test_a_store_that_is_closed_to_us_is_opened(machine):
    closed = [{"path": path, "error": "permission denied", "fingerprints": []} for path in (BUNDLE, "/etc/ssl/certs")]
    verdict = judge(certificates.tls_ca, look_at(machine, probes={"certificates.store": closed}))
    assert verdict.status == "fail"
    assert f"{BUNDLE}: permission denied" in verdict.evidence
    assert commands(verdict) == [f"sudo chmod a+rX /etc/ssl/certs {BUNDLE} /etc/ssl"]


def test_an_empty_bundle_beside_good_links_is_told_for_git(machine):
    debian(machine)
    machine.write(BUNDLE, "")
    verdict = judged(machine)
    assert verdict.status == "warn"
    assert verdict.summary == f"{BUNDLE}, which git and curl read, holds no certificate"
    assert commands(verdict) == ["sudo update-ca-certificates --fresh"]


@pytest.mark.parametrize("status", ["warn", "fail"])
@pytest.mark.parametrize(
    ("value", "reason", "remedy"),
    [
        (f"{BUNDLE}\r", "ends in a carriage return", f"export SSL_CERT_FILE={BUNDLE}"),
        (f'"{BUNDLE}"', "has quotes or blanks around it", f"export SSL_CERT_FILE={BUNDLE}"),
        ("/gone.pem", "names nothing", "unset SSL_CERT_FILE"),
        ("/etc", "can't be read: is a directory", "unset SSL_CERT_FILE"),
        ("C:\\corp.pem", "is a Windows path", "export SSL_CERT_FILE=/mnt/c/corp.pem"),
        ("E:\\corp.pem", "is a Windows path, on a drive that is not mounted", "unset SSL_CERT_FILE"),
        ("~/corp.pem", "begins with ~, which only a shell expands", f"export SSL_CERT_FILE={HOME}/corp.pem"),
        ("/empty.pem", "names a file that is empty", "unset SSL_CERT_FILE"),
        ("/words.pem", "names a file that holds no certificate", "unset SSL_CERT_FILE"),
    ],
)
def test_a_variable_that_names_no_file_is_told_with_what_mends_it(machine, value, reason, remedy, status):
    debian(machine)
    machine.become_wsl("\n".join([EXT4, drive("c")]))
    machine.write("/mnt/c/corp.pem", pem("Corp"))
    machine.write(f"{HOME}/corp.pem", pem("Corp"))
    machine.write("/empty.pem", "")
    machine.write("/words.pem", "no certificate\n")
    variables = {"SSL_CERT_FILE": value} | ({"SSL_CERT_DIR": "/none"} if status == "fail" else {})
    verdict = judged(machine, variables)
    assert verdict.status == status
    assert verdict.summary == f"SSL_CERT_FILE {reason}; go says nothing of that"
    assert commands(verdict)[0] == remedy
    assert "unset SSL_CERT_FILE" in commands(verdict)


def test_der_named_by_the_variable_goes_into_the_systems_store(machine):
    machine.write("/my corp.cer", der("Corp"))
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/my corp.cer"})
    assert verdict.summary == "SSL_CERT_FILE names a file that is DER, and Go reads only PEM; go says nothing of that"
    new = f"'{LOCAL}/my corp.crt'"
    convert = f"sudo openssl x509 -inform DER -in '/my corp.cer' -out {new} && sudo update-ca-certificates"
    assert commands(verdict) == [convert, "unset SSL_CERT_FILE"]


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ("export SSL_CERT_FILE=/gone.pem", ": # export SSL_CERT_FILE=/gone.pem"),
        ('  export SSL_CERT_FILE="/gone.pem"', '  : # export SSL_CERT_FILE="/gone.pem"'),
        ("SSL_CERT_FILE=/gone.pem exec thing", None),
        ("export SSL_CERT_FILE=$(find-it)", None),
        ("test -r /gone.pem && export SSL_CERT_FILE=/gone.pem", None),
    ],
)
def test_a_line_that_does_nothing_else_can_be_made_a_comment(machine, line, edited):
    machine.write(f"{HOME}/.bashrc", f"true\n{line}\n")
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/gone.pem"})
    edits = [(each.path, each.line, each.old, each.new) for each in verdict.remedies[0].edits]
    assert edits == ([(f"{HOME}/.bashrc", 2, line, edited)] if edited else [])
    assert f"SSL_CERT_FILE=/gone.pem: {HOME}/.bashrc:2" in verdict.evidence


def test_a_line_with_another_value_is_not_blamed_and_not_edited(machine):
    machine.write(f"{HOME}/.bashrc", f"export SSL_CERT_FILE={BUNDLE}\n")
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/gone.pem"})
    assert "SSL_CERT_FILE=/gone.pem" in verdict.evidence
    assert [remedy.edits for remedy in verdict.remedies] == [()] * len(verdict.remedies)


def test_a_carriage_return_is_taken_out_of_its_line(machine):
    machine.write(f"{HOME}/.profile", f"export SSL_CERT_FILE={BUNDLE}\r\n")
    verdict = judged(debian(machine), {"SSL_CERT_FILE": f"{BUNDLE}\r"})
    [edit] = verdict.remedies[0].edits
    assert (edit.old, edit.new) == (f"export SSL_CERT_FILE={BUNDLE}\r", f"export SSL_CERT_FILE={BUNDLE}")


def test_a_relative_name_works_from_one_directory_only(machine):
    machine.write(f"{HOME}/project/corp.pem", pem("Corp"))
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "corp.pem"})
    assert verdict.status == "warn"
    assert commands(verdict) == [f"export SSL_CERT_FILE={HOME}/project/corp.pem"]


def test_a_company_certificate_by_the_variable_alone_is_well_for_the_directories_stay(machine):
    machine.write("/corp.pem", pem("Corp"))
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/corp.pem"})
    assert (verdict.status, verdict.summary) == (
        "ok",
        "go trusts 3 certificates, from /corp.pem and /etc/ssl/certs",
    )


def test_variables_that_leave_none_of_the_systems_certificates_are_told(machine):
    machine.write("/corp.pem", pem("Corp"))
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/corp.pem", "SSL_CERT_DIR": "/none"})
    assert verdict.status == "warn"
    assert verdict.summary == "SSL_CERT_FILE and SSL_CERT_DIR leave go none of the system's 2 certificates"
    assert commands(verdict) == ["unset SSL_CERT_FILE", "unset SSL_CERT_DIR"]


def test_variables_that_name_another_bundle_of_public_authorities_hide_ones_own(machine):
    machine.write("/conda.pem", pem("Public One"))
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    variables = {"SSL_CERT_FILE": "/conda.pem", "SSL_CERT_DIR": "/none"}
    verdict = judged(debian(machine, "Corp"), variables)
    assert verdict.status == "warn"
    assert verdict.summary.startswith("O=Corp is in the system's store, and SSL_CERT_FILE and SSL_CERT_DIR keep go")


@pytest.mark.parametrize(
    ("value", "reason", "right"),
    [
        ("/a;/b", "is parted by semicolons, as on Windows", "/a:/b"),
        ("/a\r", "ends in a carriage return", "/a"),
        ("C:\\certs", "is a Windows path", "/mnt/c/certs"),
    ],
)
def test_a_variable_for_directories_that_names_none_is_told(machine, value, reason, right):
    machine.become_wsl("\n".join([EXT4, drive("c")]))
    verdict = judged(debian(machine), {"SSL_CERT_DIR": value})
    assert verdict.status == "warn"
    assert verdict.summary == f"SSL_CERT_DIR {reason}"
    assert commands(verdict) == [f"export SSL_CERT_DIR={right}", "unset SSL_CERT_DIR"]


def test_a_directory_that_is_a_file_is_told_and_one_that_is_missing_is_only_mentioned(machine):
    debian(machine)
    verdict = judged(machine, {"SSL_CERT_DIR": BUNDLE})
    assert (verdict.status, verdict.summary) == (
        "warn",
        f"SSL_CERT_DIR names {BUNDLE}, which can't be read: not a directory",
    )
    assert judged(machine, {"SSL_CERT_DIR": "/none"}).status == "info"
    assert judged(machine, {"SSL_CERT_DIR": "/none:/etc/ssl/certs"}).status == "ok"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("corp.crt", der("Corp"), "is DER, and Go reads only PEM"),
        ("corp.crt", BYTE_ORDER_MARK + pem("Corp"), "is PEM behind a byte order mark, which Go does not find"),
        ("corp.crt", in_utf_16("Corp"), "is UTF-16, and PEM is ASCII"),
        ("corp.crt", pem("Corp"), "was put there, and update-ca-certificates was not run since"),
        ("corp.pem", pem("Corp"), "is passed over: only names that end in .crt are taken there"),
        ("corp.CRT", pem("Corp"), "is passed over: only names that end in .crt are taken there"),
        ("below/my corp (1).cer", der("Corp"), "is DER, and Go reads only PEM"),
    ],
)
def test_each_way_in_which_a_placed_certificate_does_not_arrive_is_told_and_mended(machine, name, data, reason):
    debian(machine)
    machine.write(f"{LOCAL}/{name}", data)
    verdict = judged(machine)
    assert verdict.status == "warn"
    assert verdict.summary == f"O=Corp does not arrive: {LOCAL}/{name} {reason}"
    carry_out(machine, verdict)
    assert judged(machine).status == "ok"


@pytest.mark.parametrize(
    ("name", "words", "reason"),
    [
        ("corp.p7b", "crl2pkcs7 -nocrl -certfile /dev/stdin", "is PKCS #7, and Go reads only PEM"),
        ("corp.crt", "crl2pkcs7 -nocrl -certfile /dev/stdin -outform DER", "is PKCS #7, and Go reads only PEM"),
        (
            "corp.crt",
            "x509 -trustout -addtrust serverAuth",
            "is a TRUSTED CERTIFICATE of OpenSSL's, which Go passes over",
        ),
    ],
)
def test_what_openssl_has_to_unpack_is_told_and_mended(machine, name, words, reason):
    openssl = shutil.which("openssl") or pytest.skip("no openssl here")
    debian(machine)
    done = subprocess.run([openssl, *words.split()], input=pem("Corp"), capture_output=True, check=True, timeout=60)
    machine.write(f"{LOCAL}/{name}", done.stdout)
    verdict = judged(machine)
    assert (verdict.status, verdict.summary) == ("warn", f"a certificate does not arrive: {LOCAL}/{name} {reason}")
    carry_out(machine, verdict)
    assert judged(machine).status == "ok"
    assert len(judged(machine).evidence) == 1


def carry_out(machine: FolderMachine, verdict: Verdict) -> None:
    """Run the first remedy as it is, but below the machine's folder, by the real update-ca-certificates."""
    program = shutil.which("update-ca-certificates", path="/usr/sbin:/usr/bin") or pytest.skip(
        "no ca-certificates here"
    )
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    root = machine.root
    machine.directory("/hooks")
    machine.write("/etc/ca-certificates.conf", "mozilla/Public_One.crt\nmozilla/Public_Two.crt\n")
    places = {"localcertsdir": LOCAL, "etccertsdir": "/etc/ssl/certs", "hooksdir": "/hooks"}
    places |= {"certsdir": "/usr/share/ca-certificates", "certsconf": "/etc/ca-certificates.conf"}
    update = " ".join([program, *(f"--{name} '{root}{place}'" for name, place in places.items())])
    command = verdict.remedies[0].command.replace("sudo ", "").replace(LOCAL, f"{root}{LOCAL}")
    command = command.replace("update-ca-certificates", update, 1)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_der_that_also_arrives_from_another_file_is_no_trouble(machine):
    machine.write(f"{LOCAL}/corp.crt", der("Corp"))
    machine.write(f"{LOCAL}/corp-pem.crt", pem("Corp"))
    assert judged(debian(machine, "Corp")).status == "ok"


@pytest.mark.parametrize("name", ["README", "corp.key", "corp.crt", "serial.srl"])
def test_what_is_no_certificate_is_nobodys_trouble(machine, name):
    machine.write(f"{LOCAL}/{name}", "this is not one\n")
    assert judged(debian(machine)).status == "ok"


def test_in_debians_folder_no_program_means_no_package(machine):
    debian(machine)
    machine.at("/usr/sbin/update-ca-certificates").unlink()
    machine.program("/sbin/apk")
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    verdict = judged(machine)
    assert verdict.summary.endswith("and the program that takes it in was not run since")
    assert commands(verdict) == ["sudo apk add ca-certificates"]


def test_damaged_pem_is_told_without_a_command_that_can_not_help(machine):
    machine.write(f"{LOCAL}/corp.crt", pem("Corp")[:300])
    verdict = judged(debian(machine))
    assert verdict.summary == f"a certificate does not arrive: {LOCAL}/corp.crt is damaged PEM"
    assert verdict.remedies == ()


def test_fedora_takes_der_and_any_name_and_wants_its_own_program(machine):
    machine.write(f"{ANCHORS}/corp.cer", der("Corp"))
    verdict = judged(fedora(machine))
    assert (
        verdict.summary
        == f"O=Corp does not arrive: {ANCHORS}/corp.cer was put there, and update-ca-trust was not run since"
    )
    assert commands(verdict) == ["sudo update-ca-trust"]


def test_debians_folder_on_fedora_is_the_wrong_one(machine):
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    verdict = judged(fedora(machine))
    assert verdict.summary.endswith(f"is not in {ANCHORS}, from which certificates are taken here")
    assert commands(verdict) == [f"sudo cp {LOCAL}/corp.crt {ANCHORS}/corp.crt && sudo update-ca-trust"]


def test_an_expired_certificate_of_ones_own_is_told_unless_it_has_a_successor(machine):
    debian(machine, "Corp")
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    verdict = judged(machine, now_ns=PAST_ALL_NS)
    assert verdict.status == "warn"
    assert verdict.summary == "O=Corp has expired on 3000-01-01: what it signs is not trusted any more"
    assert verdict.remedies[0].command == ""


@pytest.mark.parametrize(
    ("value", "data", "reason"),
    [
        ("/corp.pem", der("Corp"), "is DER, and git reads only PEM: git fetches nothing by https"),
        ("/corp.pem", None, "can't be read (no such file or directory): git fetches nothing by https"),
        ("C:/corp.pem", None, "is a Windows path, on a drive that is not mounted: git fetches nothing by https"),
        ("/corp.pem", pem("Public One"), "lacks O=Corp, which go trusts"),
    ],
)
def test_what_git_is_told_to_trust_is_looked_at(machine, value, data, reason):
    debian(machine, "Corp")
    machine.write(f"{LOCAL}/mine.crt", pem("Corp"))
    machine.write(f"{HOME}/.gitconfig", f"[http]\n\tsslCAInfo = {value}\n")
    if data:
        machine.write("/corp.pem", data)
    verdict = judged(machine)
    assert (verdict.status, verdict.summary) == ("warn", f"git's http.sslCAInfo {reason}")
    assert verdict.evidence[0] == f"http.sslCAInfo={value}: {HOME}/.gitconfig:2"
    assert commands(verdict) == [f"git config --file {HOME}/.gitconfig --unset-all http.sslCAInfo"]


def test_gits_variables_are_looked_at(machine):
    verdict = judged(debian(machine), {"GIT_SSL_CAPATH": "/gone", "GIT_SSL_CAINFO": BUNDLE})
    assert verdict.summary == "git's GIT_SSL_CAPATH names no directory: git fetches nothing by https"
    assert commands(verdict) == ["unset GIT_SSL_CAPATH"]
    assert judged(machine, {"GIT_SSL_CAPATH": "/etc/ssl/certs", "GIT_SSL_CAINFO": BUNDLE}).status == "ok"


def test_a_setting_for_one_server_of_gits_need_not_hold_what_go_trusts(machine):
    debian(machine, "Corp")
    machine.write(f"{LOCAL}/mine.crt", pem("Corp"))
    machine.write("/internal.pem", pem("Internal"))
    machine.write(f"{HOME}/.gitconfig", '[http "https://git.corp/"]\n\tsslCAInfo = /internal.pem\n')
    assert judged(machine).status == "ok"


def test_the_worst_trouble_comes_first_and_none_is_lost(machine):
    machine.write(f"{LOCAL}/corp.crt", der("Corp"))
    verdict = judged(debian(machine), {"SSL_CERT_FILE": "/gone", "SSL_CERT_DIR": "/none"})
    assert verdict.status == "fail"
    assert any("O=Corp does not arrive" in line for line in verdict.evidence)
    assert len(commands(verdict)) == len(set(commands(verdict))) == 3

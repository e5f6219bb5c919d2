"""Which lines of a mail log are problems, and which problems are the same. The lines are those of real hosts."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import log, log_postfix
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_lines import normalise, speaks_of_a_problem
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request, Unavailable

INFO, WARNING = 6, 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "2C765170331: to=<bob@lab.test>, relay=none, delay=0.05, delays=0.04/0/0/0, dsn=4.3.2, status=deferred (x)",
            "4B2982B7A01: to=<out@peer.test>, relay=none, delay=12, delays=0.1/2/3/4.5, dsn=4.3.2, status=deferred (x)",
        ),
        (
            "4cfgYv5n4Gz7wQm: to=<bob@lab.test>, status=bounced (y)",
            "4cfgZ02Kc1z8bXn: to=<al@lab.test>, status=bounced (y)",
        ),
        (
            "NOQUEUE: reject: RCPT from mx.peer.test[192.0.2.1]: 450 4.7.1 <a@lab.test>: x; helo=<mx.peer.test>",
            "NOQUEUE: reject: RCPT from unknown[2001:db8::1]: 450 4.7.1 <b@lab.test>: x; helo=<c>",
        ),
        (
            "warning: process /usr/lib/postfix/sbin/smtpd pid 429 exit status 1",
            "warning: process /usr/lib/postfix/sbin/smtpd pid 1429 exit status 1",
        ),
        (
            "lmtp(alice@lab.test)<415><xy12>: Error: open(/etc/dovecot/users) failed",
            "lmtp(bob@lab.test)<77><zz9>: Error: open(/etc/dovecot/users) failed",
        ),
        (
            "imap-login: Disconnected: (auth failed, 1 attempts in 6 secs): user=<alice@lab.test>, session=<a+b>",
            "imap-login: Disconnected: (auth failed, 1 attempts in 2 secs): user=<bob@lab.test>, session=<c/d>",
        ),
        (
            "connect to mx.peer.test[192.0.2.1]:25: Connection timed out",
            "connect to mx2.peer.test[192.0.2.2]:25: Connection timed out",
        ),
    ],
)
def test_equal_problems_are_equal_whatever_varies(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "warning: connect to Milter service inet:127.0.0.1:11332: Connection refused",
            "warning: connect to Milter service unix:/run/opendkim.sock: No such file or directory",
        ),
        ("NOQUEUE: reject: RCPT from a[192.0.2.1]: 450 4.7.1", "NOQUEUE: reject: RCPT from a[192.0.2.1]: 550 5.1.1"),
        ("postfix@-.service: Failed with result 'exit-code'.", "dovecot.service: Failed with result 'exit-code'."),
        ("fatal: /etc/postfix/main.cf, line 44: missing", "fatal: /etc/postfix/main.cf, line 45: missing"),
    ],
)
def test_different_problems_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_the_name_of_a_unit_is_not_taken_for_an_address() -> None:
    assert normalise("postfix@-.service: Failed with result 'exit-code'.").startswith("postfix@-.service")


@pytest.mark.parametrize(
    "message",
    [
        "2C765170331: to=<bob@lab.test>, relay=none, dsn=4.3.2, status=deferred (deferred transport)",
        "NOQUEUE: milter-reject: CONNECT from c[192.0.2.1]: 451 4.7.1 Service unavailable - try again later",
        "NOQUEUE: reject: RCPT from c[192.0.2.1]: 550 5.1.1 <x@lab.test>: Recipient address rejected: User unknown",
        "connect to mx.peer.test[192.0.2.1]:25: Connection timed out",
        "fatal: /etc/postfix/main.cf, line 59: missing '=' after attribute name",
        "postfix@-.service: Control process exited, code=exited, status=1/FAILURE",
        "imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 6 secs): user=<alice>, method=PLAIN",
        "lmtp(alice@lab.test)<1><x>: msgid=<a@b>: save failed to INBOX: Quota exceeded",
    ],
)
def test_a_problem_is_one_though_its_priority_is_information(message: str) -> None:
    assert speaks_of_a_problem(message, INFO)


@pytest.mark.parametrize(
    "message",
    [
        "2C765170331: to=<bob@lab.test>, relay=lab[private/dovecot-lmtp], dsn=2.0.0, status=sent (250 2.0.0 Saved)",
        "connect from mx.peer.test[192.0.2.1]",
        "disconnect from mx.peer.test[192.0.2.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
        "dovecot.service: Deactivated successfully.",
        "statistics: max connection rate 1/60s for (smtp:192.0.2.1) at Nov 25 01:03:15",
    ],
)
def test_ordinary_mail_is_no_problem(message: str) -> None:
    assert not speaks_of_a_problem(message, INFO)


def test_whatever_is_logged_as_a_warning_is_a_problem() -> None:
    assert speaks_of_a_problem("something new", WARNING)


def test_of_the_kernel_only_what_mail_depends_on_is_a_problem() -> None:
    assert speaks_of_a_problem("Out of memory: Killed process 42 (rspamd)", 3, "kernel")
    assert speaks_of_a_problem("EXT4-fs (vda1): Remounting filesystem read-only", 2, "kernel")
    assert not speaks_of_a_problem("usb 1-1: device descriptor read/64, error -71", 3, "kernel")


def entry(message: str, moment: float, program: str = "postfix/smtpd") -> dict[str, Any]:
    return {"time": moment, "program": program, "message": message, "priority": WARNING}


def test_problems_are_counted_and_the_newest_is_the_example() -> None:
    problems = log.group(
        [
            entry("A123456: x <a@b.c>", 100),
            entry("B123456: x <d@e.f>", 50),
            entry("other", 75),
            entry("other", 80, "dovecot"),
        ]
    )
    assert [(each["program"], each["count"]) for each in problems] == [
        ("postfix/smtpd", 2),
        ("dovecot", 1),
        ("postfix/smtpd", 1),
    ]
    assert problems[0] == {
        "program": "postfix/smtpd",
        "message": "QID: x <address>",
        "example": "A123456: x <a@b.c>",
        "count": 2,
        "first": "1970-01-01T00:00:50Z",
        "last": "1970-01-01T00:01:40Z",
    }


def test_an_entry_of_the_journal() -> None:
    line = {"__REALTIME_TIMESTAMP": "1795568653815517", "SYSLOG_IDENTIFIER": "postfix/smtpd", "PRIORITY": "4"}
    line["MESSAGE"] = "m"
    assert log.parse_entry(json.dumps(line)) == {
        "time": 1795568653.815517,
        "program": "postfix/smtpd",
        "message": "m",
        "priority": 4,
    }


def test_a_message_that_is_not_text_is_read_all_the_same() -> None:
    line = {"__REALTIME_TIMESTAMP": "1", "MESSAGE": [255, 104, 105]}
    parsed = log.parse_entry(json.dumps(line))
    assert parsed is not None
    assert parsed["message"] == "\ufffdhi"


@pytest.mark.parametrize("line", ["", "not json", "{}", '{"MESSAGE": null, "__REALTIME_TIMESTAMP": "1"}'])
def test_what_is_no_entry_is_passed_over(line: str) -> None:
    parsed = log.parse_entry(line)
    assert parsed is None or parsed["message"] is None


def test_the_lines_of_rsyslog_are_read_with_their_time_zone() -> None:
    text = "2026-11-25T03:04:00.343420+02:00 mail03 postfix/smtpd[1125]: fatal: no SASL authentication mechanisms\n"
    (found,) = log.parse_lines(text)
    assert (found["program"], found["priority"]) == ("postfix/smtpd", WARNING)
    assert int(found["time"]) == 1795568640


def test_the_lines_of_the_traditional_format_are_this_years_or_last_years() -> None:
    yesterday, tomorrow = (time.localtime(time.time() + days * 86400) for days in (-1, 2))
    text = "".join(time.strftime("%b %e %H:%M:%S host dovecot: x\n", moment) for moment in (yesterday, tomorrow))
    found = list(log.parse_lines(text))
    assert all(each["time"] <= time.time() for each in found)
    assert len(found) == 2


def test_the_journal_is_asked_for_mail_for_its_units_and_for_what_systemd_says_of_them() -> None:
    terms = log.matches([3, 4])
    assert terms[:3] == ["SYSLOG_FACILITY=2", "PRIORITY=3", "PRIORITY=4"]
    assert "_SYSTEMD_UNIT=postfix@-.service" in terms
    assert "UNIT=dovecot.service" in terms
    assert terms.count("+") == 3


@pytest.fixture
def without_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_postfix, "JOURNALS", ("/nonexistent",))


def test_without_a_journal_the_log_file_is_read(
    without_journal: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    old = "1999-01-01T00:00:00+00:00 h postfix/smtpd[1]: warning: old\n"
    (tmp_path / "mail.log").write_text(f"{old}{now} h postfix/smtpd[1]: warning: w\n")
    monkeypatch.setattr(log, "FILES", (str(tmp_path / "missing"), str(tmp_path / "mail.log")))
    section = log.observe(Request("mail01"), [])
    assert section["source"] == str(tmp_path / "mail.log")
    assert [problem["example"] for problem in section["problems"]] == ["warning: w"]
    assert section["first_problem"] == section["problems"][0]["first"]


def test_a_host_without_any_log_says_so(without_journal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILES", ("/nonexistent",))
    with pytest.raises(Unavailable) as absent:
        log.observe(Request("mail01"), [])
    assert absent.value.data == {"source": "none"}


def test_a_log_that_may_not_be_read_is_not_a_log_without_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "system.journal").write_text("")
    monkeypatch.setattr(log_postfix, "JOURNALS", (str(tmp_path / "*.journal"),))
    monkeypatch.setattr(log, "FILES", ())
    monkeypatch.setattr(log.os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="Permission denied"):
        log.observe(Request("mail01"), [])


def test_the_lines_around_the_first_problem_are_shown_in_their_own_words() -> None:
    said = [(f"connect from client{number:02}", INFO) for number in range(40)] + [("warning: no", WARNING)]
    said += [(f"disconnect from client{number:02}", INFO) for number in range(60)]
    lines = log.around(
        [{"time": float(n), "program": "postfix/smtpd", "message": m, "priority": p} for n, (m, p) in enumerate(said)]
    )
    assert len(lines) == log.LINES_BEFORE + log.LINES_AFTER
    assert lines[log.LINES_BEFORE] == "1970-01-01T00:00:40Z postfix/smtpd: warning: no"
    assert log.around([]) == []

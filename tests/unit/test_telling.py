"""A difference reads as what had happened."""

from __future__ import annotations

import pytest

from pyremediate.comparison.telling import had_happened, leads_nowhere
from pyremediate.model import Difference
from tests.unit.looks import NOON, look


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        (Difference("postfix.parameter", "virtual_mailbox_domains", "lab.test, other.test", "other.test", since=NOON),
         "virtual_mailbox_domains had lost lab.test since 12:00:00 UTC"),
        (Difference("file", "/var/vmail/lab.test", "directory", "link to /mnt/mail3", "target"),
         "/var/vmail/lab.test, a directory, had become a link to /mnt/mail3"),
        (Difference("postfix.parameter", "mynetworks", "127.0.0.0/8", "127.0.0.0/8 10.0.0.0/8"),
         "mynetworks had gained 10.0.0.0/8"),
        (Difference("postfix.parameter", "virtual_transport", "lmtp:x", "lmtp:y"),
         "virtual_transport had been changed from lmtp:x to lmtp:y"),
        (Difference("postfix.parameter", "relayhost", None, "[x]"), "relayhost had been set to [x]"),
        (Difference("postfix.parameter", "relayhost", "[x]", None), "relayhost had been removed (it was [x])"),
        (Difference("postfix.parameter", "relayhost", "[x]", ""), "relayhost had been changed from [x] to nothing"),
        (Difference("postfix.parameter", "smtp_sasl_password_maps", "(withheld)", "(withheld)", secret=True),
         "the secret in smtp_sasl_password_maps had been changed"),
        (Difference("postfix.service", "smtp/inet", {"columns": "smtp inet"}, None),
         "the service smtp/inet had been removed from master.cf"),
        (Difference("lines", "/etc/postfix/vmailbox", ["bob@lab.test lab.test/bob/"], None, "1"),
         "/etc/postfix/vmailbox had lost bob@lab.test lab.test/bob/"),
        (Difference("lines", "/etc/dovecot/users", None, None, "1", secret=True),
         "/etc/dovecot/users, which is secret, had been changed in one place"),
        (Difference("lines", "/etc/hosts", ["1.2.3.4 a"], ["1.2.3.5 a"], "1"), "in /etc/hosts, 1.2.3.4 a had become 1.2.3.5 a"),
        (Difference("file", "/etc/ssl/mail/key.pem", "0600", "0644", "mode"),
         "the mode of /etc/ssl/mail/key.pem had been changed from 0600 to 0644"),
        (Difference("file", "/etc/aliases", "file", None, "missing"), "/etc/aliases had been removed"),
        (Difference("unit", "postfix.service", "enabled", "masked", "enabled"),
         "postfix.service had become masked (it was enabled)"),
        (Difference("firewall", "ruleset", ["a"], ["b"], "rules"), "the packet filter had lost a and gained b"),
    ],
)  # fmt: skip
def test_it_says_what_had_happened(difference: Difference, told: str) -> None:
    assert had_happened(difference) == told


def test_a_long_value_is_cut() -> None:
    assert len(had_happened(Difference("postfix.parameter", "x", "a" * 1000, "b" * 1000))) < 300


def test_a_link_that_leads_nowhere_is_told_with_its_target_and_the_step_of_a_human() -> None:
    def place(kind: str, **more: object) -> dict[str, object]:
        return {"kind": kind, "owner": "vmail", "group": "vmail", **more}

    link = place("link", target="/mnt/mail3", dangling=True)
    places = {
        "/var/vmail/lab.test": link,
        "/var/vmail/lab.test.moved": place("directory"),
        "/run/dovecot": place("directory"),
    }
    (told,) = leads_nowhere(look({"files": {"places": places}}))
    assert told.startswith("/var/vmail/lab.test is a link to /mnt/mail3, which is not there: mount that; ")
    assert "if /var/vmail/lab.test.moved is what was there, remove the link and move that back" in told
    assert "or find what was there" in leads_nowhere(look({"files": {"places": {"/var/vmail/lab.test": link}}}))[0]
    assert leads_nowhere(look({"files": {"places": {"/x": place("link", target="/y")}}})) == []
    assert leads_nowhere(look(None)) == []

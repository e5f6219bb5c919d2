"""A host without a last known good: what its packages expect of it, and nothing that somebody may have chosen."""

from __future__ import annotations

from pyremediate.comparison import packaged
from pyremediate.model import Difference
from tests.unit.looks import evidence, healthy_evidence

DATABASE = {
    "parameter": "virtual_alias_maps", "type": "hash", "path": "/etc/postfix/virtual", "source_exists": True,
    "database": "/etc/postfix/virtual.db", "database_exists": False, "stale": False, "readable": False, "error": "",
}  # fmt: skip


def test_a_healthy_host_is_as_its_packages_expect() -> None:
    assert packaged.differences(healthy_evidence()) == ()


def test_a_missing_file_of_a_package_a_wrong_owner_and_a_missing_database_differ() -> None:
    seen = evidence(
        packages={"files": {
            "/usr/lib/dovecot/lmtp": {"package": "dovecot-lmtpd", "state": "missing"},
            "/usr/sbin/postdrop": {"package": "postfix", "owner": "root", "group": "postdrop", "mode": "2555"},
        }},
        postfix={
            "permissions": [{
                "path": "/var/spool/postfix/active", "owner": "root", "group": "root", "mode": "0700",
                "expected_owner": "postfix", "expected_group": None, "expected_mode": "0700",
            }],
            "maps": [DATABASE],
            "main": {"invalid": [{"line": 44, "text": "smtpd_banner hello"}]},
        },
    )  # fmt: skip
    assert packaged.differences(seen) == (
        Difference(
            "package.file", "/usr/lib/dovecot/lmtp", "as packaged", "missing", "missing", place={"package": "dovecot-lmtpd"}
        ),
        Difference("file", "/var/spool/postfix/active", "postfix", "root", "owner"),
        Difference("postfix.map", "hash:/etc/postfix/virtual", "up to date", "missing"),
        Difference("postfix.line", "/etc/postfix/main.cf:44", None, "smtpd_banner hello", "added"),
    )


def test_what_was_not_observed_differs_in_nothing() -> None:
    assert packaged.differences(evidence()) == ()

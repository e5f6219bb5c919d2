"""Some of what differs is approved, and the rest differs as before."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from pyremediate.comparison.compare import compare
from pyremediate.errors import UsageError
from pyremediate.known_good import hosts
from pyremediate.known_good.hosts import Captured, KnownGood
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.merging import accepted
from pyremediate.known_good.writing import Approval
from tests.unit.looks import evidence

WAS_MAIN = b"# ours\nrelayhost =\nmyhostname = mail01\n"
NOW_MAIN = b"# ours\nrelayhost = [smart]\nmyhostname = mail99\n"
SERVICE = {"columns": "smtp inet n - y - - smtpd", "options": {}}


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def tracked(content: bytes, mode: str = "0644", secret: bool = False) -> dict[str, Any]:
    told = "hmac:" + digest(content)[7:] if secret else digest(content)
    return {"kind": "file", "owner": "root", "group": "root", "mode": mode, "digest": told, "secret": secret, "size": len(content)}


def postfix(parameters: dict[str, str], services: dict[str, Any]) -> dict[str, Any]:
    return {
        "config_directory": "/etc/postfix",
        "main": {"parameters": parameters, "invalid": []},
        "effective": parameters,
        "services": services,
        "invalid_services": [],
        "maps": [],
    }


WAS: dict[str, Any] = {
    "postfix": postfix({"relayhost": "", "myhostname": "mail01"}, {"smtp/inet": SERVICE}),
    "services": {
        "units": {
            "rspamd.service": {"active": "active", "enabled": "enabled"},
            "ssh.service": {"active": "active", "enabled": "enabled"},
        },
        "listeners": [{"protocol": "tcp", "address": "0.0.0.0", "port": 25, "process": "master"}],
    },
    "packages": {"installed": {"postfix": "3.7", "rspamd": "3.4"}, "history": []},
    "network": {
        "firewall": {"available": True, "ruleset": ["a"], "text": "table a {}"},
        "settings": {"vm.overcommit_memory": "0"},
        "routes": [{"name": "default", "gateway": "10.0.0.1"}],
    },
    "files": {
        "roots": {"told": ["/etc"], "found": []},
        "tracked": {
            "/etc/postfix/main.cf": tracked(WAS_MAIN),
            "/etc/aliases": tracked(b"was"),
            "/etc/gone": tracked(b"gone"),
            "/etc/key": tracked(b"key", "0600", secret=True),
        },
    },
}
NOW: dict[str, Any] = {
    "postfix": postfix({"relayhost": "[smart]", "myhostname": "mail99"}, {"smtp/inet": {**SERVICE, "options": {"x": "y"}}}),
    "services": {
        "units": {
            "rspamd.service": {"active": "inactive", "enabled": "disabled"},
            "ssh.service": {"active": "active", "enabled": "masked"},
        },
        "listeners": [{"protocol": "tcp", "address": "0.0.0.0", "port": 25, "process": "nc"}],
    },
    "packages": {"installed": {"postfix": "3.8"}, "history": []},
    "network": {
        "firewall": {"available": True, "ruleset": ["b"], "text": "table b {}"},
        "settings": {"vm.overcommit_memory": "2"},
        "routes": [{"name": "default", "gateway": "10.0.0.9"}, {"name": "10.9.0.0/16", "gateway": "10.0.0.8"}],
    },
    "files": {
        "roots": {"told": ["/etc"], "found": []},
        "tracked": {
            "/etc/postfix/main.cf": tracked(NOW_MAIN),
            "/etc/aliases": tracked(b"now", mode="0666"),
            "/etc/new": tracked(b"new"),
            "/etc/key": tracked(b"other", "0600", secret=True),
        },
    },
}
NOW_CAPTURED = Captured(
    evidence(**NOW), {"/etc/postfix/main.cf": NOW_MAIN, "/etc/aliases": b"now", "/etc/new": b"new", "/etc/key": b"other"}
)


@pytest.fixture
def known_good() -> KnownGood:
    contents = {"/etc/postfix/main.cf": WAS_MAIN, "/etc/aliases": b"was", "/etc/gone": b"gone", "/etc/key": b"key"}
    keep({"mail01": Captured(evidence(**WAS), contents)}, [], Approval("anna", ""))
    found = hosts.load("mail01")
    assert found is not None
    return found


DIFFERENCES = compare(KnownGood(evidence(**WAS), datetime.now(UTC), "", ""), evidence(**NOW)).differences
NAMED = [(each.kind, each.name) for each in DIFFERENCES]
KINDS = {"postfix.parameter", "postfix.service", "unit", "unit.running", "listener", "package"}
KINDS |= {"firewall", "sysctl", "route", "file"}


def test_the_two_sides_differ_in_everything_that_is_kept() -> None:
    assert {kind for kind, _ in NAMED} == KINDS


@pytest.mark.parametrize("named", sorted(set(NAMED) - {("file", "/etc/key")}), ids=" ".join)
def test_one_difference_is_approved_and_the_others_stay(known_good: KnownGood, named: tuple[str, str]) -> None:
    merged = accepted(known_good, NOW_CAPTURED, [named])
    left = compare(KnownGood(merged.evidence, known_good.captured_at, "", ""), NOW_CAPTURED.evidence).differences
    assert [(each.kind, each.name) for each in left] == [each for each in NAMED if each != named]


def test_what_is_approved_can_be_put_back_from_then_on(known_good: KnownGood) -> None:
    named = [("file", "/etc/aliases"), ("file", "/etc/gone"), ("file", "/etc/new"), ("postfix.parameter", "relayhost")]
    contents = accepted(known_good, NOW_CAPTURED, named).contents
    assert contents == {
        "/etc/aliases": b"now",
        "/etc/new": b"new",
        "/etc/postfix/main.cf": b"# ours\nrelayhost = [smart]\nmyhostname = mail01\n",
    }


def test_all_parameters_together_are_the_file_as_it_is(known_good: KnownGood) -> None:
    named = [("postfix.parameter", "relayhost"), ("postfix.parameter", "myhostname")]
    merged = accepted(known_good, NOW_CAPTURED, named)
    assert merged.contents["/etc/postfix/main.cf"] == NOW_MAIN
    assert merged.evidence.data()["files"]["tracked"]["/etc/postfix/main.cf"]["digest"] == digest(NOW_MAIN)


def test_a_rule_set_is_approved_with_the_text_that_loads_it(known_good: KnownGood) -> None:
    merged = accepted(known_good, NOW_CAPTURED, [("firewall", "ruleset")])
    assert merged.firewall() == "table b {}"


def test_what_does_not_differ_is_refused_with_what_does(known_good: KnownGood) -> None:
    with pytest.raises(UsageError, match=r"postfix\.parameter nonsense does not differ; what differs: .*file /etc/aliases"):
        accepted(known_good, NOW_CAPTURED, [("postfix.parameter", "nonsense")])


def test_a_secret_content_is_not_approved_by_itself(known_good: KnownGood) -> None:
    with pytest.raises(UsageError, match="/etc/key cannot be approved by itself: it is secret"):
        accepted(known_good, NOW_CAPTURED, [("file", "/etc/key")])


def test_what_cannot_be_told_apart_is_refused(known_good: KnownGood) -> None:
    broken = evidence(**{**NOW, "postfix": {**NOW["postfix"], "invalid_services": [{"line": 9, "text": "rubbish"}]}})
    with pytest.raises(UsageError, match="cannot be approved without what else differs"):
        accepted(known_good, Captured(broken, NOW_CAPTURED.contents), [("postfix.line", "/etc/postfix/master.cf:9")])


def test_a_parameter_with_a_password_is_not_approved_by_itself(known_good: KnownGood) -> None:
    """What is withheld of it would be written into the file that is kept."""
    parameters = {**NOW["postfix"]["main"]["parameters"], "lmtp_sasl_password_maps": "inline:(withheld)"}
    now = evidence(**{**NOW, "postfix": {**NOW["postfix"], "main": {**NOW["postfix"]["main"], "parameters": parameters}}})
    with pytest.raises(UsageError, match="lmtp_sasl_password_maps cannot be approved by itself: it is secret"):
        accepted(known_good, Captured(now, NOW_CAPTURED.contents), [("postfix.parameter", "lmtp_sasl_password_maps")])

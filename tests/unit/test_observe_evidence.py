"""Whole observations of real hosts: each fault shows plainly, a healthy host shows none, and no secret is in any of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .observe_recorded import RECORDED, documented, observation

FAULTS = sorted(path.stem for path in (RECORDED / "observations").glob("*.json"))
# The passwords of the lab's mail users, and what every private key starts with.
SECRETS = re.compile(r"pw-(alice|bob|carol|canary|probe)|BEGIN [A-Z ]*PRIVATE KEY")
Data = dict[str, Any]


def data(fault: str) -> Data:
    """The sections' data, all of which must have been observed."""
    sections = observation(fault)["sections"]
    assert {name: each["error"] for name, each in sections.items() if each["state"] != "ok"} == {}
    return {name: each["data"] for name, each in sections.items()}


def logged(seen: Data, pattern: str) -> bool:
    return any(re.search(pattern, problem["example"]) for problem in seen["log"]["problems"])


def unit(seen: Data, name: str) -> tuple[str, str]:
    return seen["services"]["units"][name]["load"], seen["services"]["units"][name]["active"]


def wrong(seen: Data) -> set[str]:
    return {each["path"] for each in seen["postfix"]["permissions"]}


def listens(seen: Data, port: int) -> bool:
    return any(each["port"] == port for each in seen["services"]["listeners"])


def endpoint(seen: Data, port: int) -> Data:
    found: Data = next(each for each in seen["milters"]["endpoints"] if each["endpoint"].endswith(f":{port}"))
    return found


def socket(seen: Data, name: str) -> Data:
    found: Data = next(each for each in seen["dovecot"]["sockets"] if each["path"].endswith(name))
    return found


def table(seen: Data, parameter: str) -> Data:
    found: Data = next(each for each in seen["postfix"]["maps"] if each["parameter"] == parameter)
    return found


def certificate(seen: Data) -> Data:
    found: Data = seen["tls"]["certificates"][0]
    return found


PLAINLY: dict[str, Callable[[Data], object]] = {
    "dns.resolver_broken": lambda seen: {each["answer"] for each in seen["dns"]["lookups"]} == {"unknown"},
    "dovecot.auth_socket_missing": lambda seen: not socket(seen, "private/auth")["listening"],
    "dovecot.configuration_invalid": lambda seen: (
        seen["dovecot"]["check"]["returncode"] == 89
        and seen["dovecot"]["invalid"][0]["reason"] == "Missing '}'"
        and unit(seen, "dovecot.service") == ("loaded", "failed")
    ),
    "firewall.port_25_dropped": lambda seen: "inet bad in: tcp dport 25 drop" in seen["network"]["firewall"]["ruleset"],
    "milter.rspamd_stopped": lambda seen: (
        not endpoint(seen, 11332)["reachable"] and unit(seen, "rspamd.service") == ("loaded", "inactive")
    ),
    "packages.postfix_patch_available": lambda seen: seen["packages"]["updates"]["postfix"].endswith("+lab2"),
    "packages.postfix_update_defective": lambda seen: (
        seen["packages"]["installed"]["postfix"].endswith("+lab1")
        and seen["packages"]["history"][0]["action"] == "upgrade"
        and logged(seen, "bad command startup")
    ),
    "postfix.deferred_transports": lambda seen: (
        "deferred transport" in seen["postfix"]["queue"]["reasons"][0]["reason"]
    ),
    "postfix.delivery_transport_changed": lambda seen: not socket(seen, "private/dovecot-lmpt")["exists"],
    "postfix.duplicate_parameter": lambda seen: seen["postfix"]["main"]["duplicates"][0]["name"] == "relayhost",
    "postfix.main_cf_bad_number": lambda seen: (
        seen["postfix"]["check"]["messages"] == ["fatal: bad numerical configuration: message_size_limit = 20M"]
        and not seen["postfix"]["running"]
    ),
    "postfix.main_cf_invalid": lambda seen: seen["postfix"]["main"]["invalid"][0]["text"] == "smtpd_banner hello",
    "postfix.main_cf_invalid_not_reloaded": lambda seen: (
        seen["postfix"]["check"]["returncode"] == 1 and seen["postfix"]["running"]
    ),
    "postfix.main_cf_unreadable": lambda seen: wrong(seen) == {"/etc/postfix/main.cf"},
    "postfix.map_database_corrupt": lambda seen: "not a hash database" in table(seen, "virtual_mailbox_maps")["error"],
    "postfix.map_database_missing": lambda seen: table(seen, "virtual_mailbox_maps")["database_exists"] is False,
    "postfix.master_cf_bad_line": lambda seen: seen["postfix"]["invalid_services"][0]["reason"] == "bad field count",
    "postfix.master_cf_service_missing": lambda seen: (
        "smtp/inet" not in seen["postfix"]["services"] and not listens(seen, 25)
    ),
    "postfix.not_listening_outside": lambda seen: (
        {each["address"] for each in seen["services"]["listeners"] if each["port"] == 25} == {"127.0.0.1"}
    ),
    "postfix.postdrop_without_set_gid": lambda seen: wrong(seen) == {"/usr/sbin/postdrop"},
    "postfix.queue_held": lambda seen: seen["postfix"]["queue"]["counts"]["hold"] >= 3,
    "postfix.recipient_domain_lost": lambda seen: (
        seen["postfix"]["main"]["parameters"]["virtual_mailbox_domains"] == ""
    ),
    "postfix.restriction_typo": lambda seen: logged(seen, 'unknown smtpd restriction: "reject_unauth_destinaton"'),
    "postfix.spool_permissions": lambda seen: (
        "/var/spool/postfix/active" in wrong(seen) and not seen["postfix"]["running"]
    ),
    "postfix.spool_writable_for_all": lambda seen: "/var/spool/postfix" in wrong(seen),
    "resources.spool_full": lambda seen: (
        seen["resources"]["spool"]["available_percent"] < 1
        and any(each["device_shared_with_spool"] for each in seen["resources"]["reclaimable"])
    ),
    "services.dovecot_stopped": lambda seen: (
        unit(seen, "dovecot.service") == ("loaded", "inactive") and not listens(seen, 993)
    ),
    "services.postfix_masked": lambda seen: unit(seen, "postfix.service") == ("masked", "inactive"),
    "services.postfix_stopped": lambda seen: (
        unit(seen, "postfix.service") == ("loaded", "inactive")
        and not seen["postfix"]["running"]
        and seen["postfix"]["check"]["returncode"] == 0
    ),
    "services.unit_override_broken": lambda seen: (
        unit(seen, "dovecot.service") == ("loaded", "failed")
        and seen["services"]["units"]["dovecot.service"]["drop_ins"]
    ),
    "tls.certificate_expired": lambda seen: certificate(seen)["expired"] and certificate(seen)["days_left"] < 0,
}


def test_every_recorded_fault_is_looked_for() -> None:
    assert set(FAULTS) == {*PLAINLY, "healthy"}


@pytest.mark.parametrize("fault", PLAINLY)
def test_a_broken_host_shows_its_fault(fault: str) -> None:
    assert PLAINLY[fault](data(fault))


@pytest.mark.parametrize("fault", PLAINLY)
def test_a_healthy_host_does_not_show_the_fault(fault: str) -> None:
    try:
        shown = PLAINLY[fault](data("healthy"))
    except (LookupError, StopIteration):
        shown = False  # what would show it is not even there
    assert not shown


def test_a_healthy_host_shows_nothing_wrong() -> None:
    seen = data("healthy")
    assert seen["postfix"]["running"]
    assert seen["postfix"]["check"] == {"returncode": 0, "messages": []}
    assert (seen["postfix"]["permissions"], seen["services"]["failed"], seen["log"]["problems"]) == ([], [], [])
    assert all(each["answers"] for each in seen["milters"]["endpoints"])
    assert all(each["readable"] and not each["stale"] for each in seen["postfix"]["maps"])
    assert {each["answer"] for each in seen["dns"]["lookups"]} == {"pass"}
    assert (seen["packages"]["modified"], seen["packages"]["updates"]) == ({}, {})


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_is_in_the_evidence(fault: str) -> None:
    assert SECRETS.findall((RECORDED / "observations" / f"{fault}.json").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_returned_that_is_not_documented(fault: str) -> None:
    known = {name: set(section["contains"]) for name, section in documented().items()}
    assert [f"{name}.{key}" for name, section in data(fault).items() for key in section if key not in known[name]] == []


def test_the_documented_samples_have_the_fields_that_are_returned() -> None:
    listed = {
        ("services", "listeners"), ("resources", "filesystems"), ("resources", "reclaimable"), ("network", "interfaces"),
        ("network", "routes"), ("dns", "lookups"), ("postfix", "maps"), ("postfix", "permissions"), ("dovecot", "sockets"),
        ("dovecot", "invalid"), ("milters", "endpoints"), ("tls", "certificates"), ("packages", "history"),
        ("log", "problems"),
    }  # fmt: skip
    seen = [data(fault) for fault in FAULTS]
    for section, name in sorted(listed):
        samples = [set(each) for each in documented()[section]["contains"][name]["sample"]]
        entries = [set(each) for each_seen in seen for each in each_seen[section][name]]
        assert entries, f"no recorded observation has {section}.{name}"
        # A sample may have more: the recorded observations are older than some fields.
        assert all(any(entry <= sample for sample in samples) for entry in entries), f"{section}.{name}"

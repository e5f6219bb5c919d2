"""Sockets, interfaces, units, packages, certificates, records and logins against the known good."""

from __future__ import annotations

from typing import Any

import pytest

from pyremediate.comparison import differences
from pyremediate.comparison.compare import compare
from pyremediate.comparison.telling import had_happened
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Difference
from tests.unit.looks import NOON, evidence

CERTIFICATE = {
    "path": "/c.pem", "key_path": "/k.pem", "subject": "CN=a", "issuer": "CN=ca", "names": ["b", "a"], "chain_length": 2,
    "fingerprint": "sha256:1", "key_type": "EC P-256", "not_after": "2027-01-01T00:00:00Z", "expired": False, "key_matches": True,
}  # fmt: skip
RENEWED = CERTIFICATE | {"fingerprint": "sha256:2", "names": ["a", "b"], "not_after": "2027-04-01T00:00:00Z"}


def listener(port: int, address: str = "0.0.0.0", process: str = "x") -> dict[str, Any]:
    return {"protocol": "tcp", "port": port, "address": address, "process": process}


def services(*listeners: dict[str, Any], enabled: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"services": {"units": {}, "listeners": list(listeners), "enabled": list(enabled)}}


def network(mtu: int = 1500, *addresses: str, name: str = "eth0") -> dict[str, Any]:
    interface = {"name": name, "mtu": mtu, "state": "up", "addresses": list(addresses)}
    return {"network": {"interfaces": [interface], "firewall": {"available": False, "ruleset": []}}}


def packages(holds: tuple[str, ...] = (), **others: str) -> dict[str, Any]:
    return {"packages": {"installed": {}, "history": [], "holds": list(holds), "others": others}}


def records(type_: str, *found: str, answer: str = "pass") -> dict[str, Any]:
    return {"dns": {"records": [{"name": "lab.test", "type": type_, "answer": answer, "records": list(found)}]}}


def tls(certificate: dict[str, Any]) -> dict[str, Any]:
    return {"tls": {"certificates": [certificate]}}


def ssh(**effective: Any) -> dict[str, Any]:
    return {"ssh": {"effective": effective or None}}


def compared(was: dict[str, Any], now: dict[str, Any]) -> tuple[Difference, ...]:
    return tuple(compare(KnownGood(evidence(**was), NOON, "tester", "healthy"), evidence(**now)).differences)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (services(), services(listener(8080)), "tcp/8080 had been opened on 0.0.0.0 by x"),
        (services(listener(25, "127.0.0.1")), services(listener(25)),
         "tcp/25, open on 127.0.0.1 by x, had been opened on 0.0.0.0 by x"),
        (services(), services(enabled=("a.timer",)), "a.timer had become enabled (it was disabled)"),
        (network(1500), network(1400), "the MTU of the interface eth0 had been changed from 1500 to 1400"),
        (network(1500, "192.0.2.1/24"), network(1500, "192.0.2.2/24"),
         "the interface eth0 had lost 192.0.2.1/24 and gained 192.0.2.2/24"),
        (packages(), packages(("postfix",)), "the package postfix had been put on hold"),
        (packages(vim="1"), packages(), "the package vim had been removed (1)"),
        (records("SPF", "v=spf1 -all"), records("SPF", "v=spf1 +all"),
         "the SPF record of lab.test had been changed from v=spf1 -all to v=spf1 +all"),
        (records("DKIM", "p=x"), records("DKIM", answer="fail"), "the DKIM record of lab.test had been removed (p=x)"),
        (tls(CERTIFICATE), tls(RENEWED),
         "the certificate /c.pem had been renewed (it was valid until 2027-01-01T00:00:00Z, and is until 2027-04-01T00:00:00Z)"),
        (tls(CERTIFICATE), tls(RENEWED | {"issuer": "CN=eve"}),
         "the certificate /c.pem had got another issuer: CN=eve (it was CN=ca)"),
        (tls(CERTIFICATE), tls(RENEWED | {"key_matches": False}),
         "the certificate /c.pem had been replaced by another for the same names"),
        (ssh(permitrootlogin="no"), ssh(permitrootlogin="yes"),
         "permitrootlogin in sshd's configuration had been changed from no to yes"),
    ],
)  # fmt: skip
def test_what_differs_is_told_and_is_no_suspect(was: dict[str, Any], now: dict[str, Any], told: str) -> None:
    (difference,) = compared(was, now)
    assert had_happened(difference) == told
    assert not differences.is_suspect(difference)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (services(listener(25)), services()),  # its unit is the difference
        (services(listener(25)), services(listener(25), listener(25))),
        (services(), services(listener(6010, "127.0.0.1", "sshd"), listener(6010, "::1", "sshd"))),  # somebody's X11 forwarding
        (network(1500, "192.0.2.1/24"), network(1500, "192.0.2.1/24", "fe80::1/64")),
        (records("SPF", "v=spf1 -all"), records("SPF", answer="unknown")),
        (tls(CERTIFICATE), tls(CERTIFICATE | {"not_after": "x"})),
        (ssh(permitrootlogin="no"), ssh()),
        ({"services": {"units": {}}}, services(listener(8080), enabled=("a.timer",))),  # an older capture promised nothing
        ({"packages": {"installed": {}, "history": []}}, packages(vim="1")),
        ({"dns": {}}, records("SPF", "v=spf1 -all")),
    ],
)
def test_these_are_no_differences(was: dict[str, Any], now: dict[str, Any]) -> None:
    assert compared(was, now) == ()


def test_interfaces_of_containers_come_and_go() -> None:
    was, now = network(), network()
    now["network"]["interfaces"].append({"name": "veth1", "mtu": 1500, "state": "up", "addresses": []})
    assert compared(was, now) == ()
    now["network"]["interfaces"].append({"name": "eth1", "mtu": 1500, "state": "up", "addresses": ["192.0.2.9/24"]})
    assert [had_happened(each) for each in compared(was, now)] == ["the interface eth1 had been added"]


def test_the_files_of_a_renewed_certificate_are_part_of_the_renewal() -> None:
    def files(digest: str) -> dict[str, Any]:
        entry = {"kind": "file", "owner": "root", "group": "root", "mode": "0644", "digest": digest, "secret": False}
        return {"files": {"tracked": {"/c.pem": entry, "/k.pem": entry | {"digest": f"hmac:{digest}"}}}}

    was = tls(CERTIFICATE) | files("sha256:a")
    assert [each.kind for each in compared(was, tls(RENEWED) | files("sha256:b"))] == ["certificate"]
    other = tls(RENEWED | {"subject": "CN=eve"})
    assert [each.kind for each in compared(was, other | files("sha256:b"))] == ["file", "file", "certificate"]

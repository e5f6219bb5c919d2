"""The host's own resolver."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import DnsAnswer
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import dns, dns_records
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    Main,
    Master,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request


def test_servers_and_search_list_are_read_and_comments_are_not() -> None:
    text = "# nameserver 192.0.2.1\nnameserver 192.0.2.53 ; ours\nsearch a.test\nsearch lab.test b.test\n"
    assert dns.parse_resolv_conf(text) == {"nameservers": ["192.0.2.53"], "search": ["lab.test", "b.test"]}


def test_an_empty_resolv_conf_names_nobody() -> None:
    assert dns.parse_resolv_conf("")["nameservers"] == []


class Resolver:
    """Stands in for the servers: what each answers."""

    def __init__(self, **answers: DnsAnswer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, str]] = []

    def query(self, name: str, type_: str, server: str, timeout: float) -> DnsAnswer:
        self.asked.append((name, type_, server))
        return self.answers[server]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    def observed(resolver: Resolver, resolv_conf: str, request: Request) -> dict[str, Any]:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/resolv.conf").write_text("nameserver stale\n")
        (tmp_path / "resolv.conf").write_text(resolv_conf)
        parameters = {"queue_directory": str(tmp_path), "myhostname": "mail01.lab.test"}
        known = Configuration("/etc/postfix", Main(parameters), Master(), USUAL)
        monkeypatch.setattr(dns, "configuration", lambda: known)
        monkeypatch.setattr(dns, "RESOLV_CONF", str(tmp_path / "resolv.conf"))
        monkeypatch.setattr(dns, "query", resolver.query)
        section: dict[str, Any] = dns.observe(request, [])
        return section

    return observed


PASS = DnsAnswer("pass", ["10 mail01.lab.test."], "NOERROR")
DEAD = DnsAnswer("unknown", [], "TIMEOUT", "no answer")
NONE = DnsAnswer("fail", [], "NXDOMAIN", "does not exist")


def test_the_domain_the_host_and_what_is_wished_for_are_looked_up(host: Any) -> None:
    resolver = Resolver(first=PASS)
    wished = ({"name": "peer.test", "type": "MX"}, {"name": "mail01.lab.test", "type": "A"})
    section = host(resolver, "nameserver first\n", Request("mail01", mail_domain="lab.test", lookups=wished))
    assert [(each["name"], each["type"]) for each in section["lookups"]] == [
        ("lab.test", "MX"),
        ("mail01.lab.test", "A"),
        ("peer.test", "MX"),
    ]


def test_the_second_server_is_asked_when_the_first_cannot_tell(host: Any) -> None:
    section = host(Resolver(first=DEAD, second=PASS), "nameserver first\nnameserver second\n", Request("mail01"))
    assert [(each["server"], each["answer"]) for each in section["lookups"]] == [("second", "pass")]


def test_a_definite_no_is_not_asked_again(host: Any) -> None:
    resolver = Resolver(first=NONE, second=PASS)
    section = host(resolver, "nameserver first\nnameserver second\n", Request("mail01"))
    assert section["lookups"][0]["answer"] == "fail"
    assert {server for _, _, server in resolver.asked} == {"first"}


def test_without_a_server_the_host_itself_is_asked(host: Any) -> None:
    resolver = Resolver(**{"127.0.0.1": DEAD})
    section = host(resolver, "", Request("mail01"))
    assert (section["resolv_conf"]["nameservers"], section["lookups"][0]["answer"]) == ([], "unknown")


def test_a_stale_copy_in_the_chroot_differs(host: Any) -> None:
    section = host(Resolver(first=PASS), "nameserver first\n", Request("mail01"))
    assert section["chroot_resolv_conf"] == {"exists": True, "nameservers": ["stale"], "differs": True}


def test_the_records_of_the_domain_and_of_the_host_are_told(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_records, "selectors", lambda: ["sel1"])

    class Zone(Resolver):
        def query(self, name: str, type_: str, server: str, timeout: float) -> DnsAnswer:
            found = {
                ("lab.test", "MX"): ["10 mail01.lab.test."],
                ("lab.test", "TXT"): ["a site's token", "v=spf1 -all"],
                ("sel1._domainkey.lab.test", "TXT"): ["v=DKIM1; p=x"],
                ("mail01.lab.test", "A"): ["192.0.2.1"],
                ("192.0.2.1", "PTR"): ["mail01.lab.test."],
            }.get((name, type_), [])
            return DnsAnswer("pass", found, "NOERROR") if found else NONE

    section = host(Zone(), "nameserver first\n", Request("mail01", mail_domain="lab.test"))
    assert [(each["name"], each["type"], each["answer"], each["records"]) for each in section["records"]] == [
        ("lab.test", "MX", "pass", ["10 mail01.lab.test."]),
        ("lab.test", "SPF", "pass", ["v=spf1 -all"]),
        ("_dmarc.lab.test", "DMARC", "fail", []),
        ("sel1._domainkey.lab.test", "DKIM", "pass", ["v=DKIM1; p=x"]),
        ("192.0.2.1", "PTR", "pass", ["mail01.lab.test."]),
    ]


def test_a_dead_resolver_is_not_asked_for_the_records_too(host: Any) -> None:
    resolver = Resolver(first=DEAD)
    section = host(resolver, "nameserver first\n", Request("mail01", mail_domain="lab.test"))
    assert section["records"] == []
    assert {type_ for _, type_, _ in resolver.asked} == {"MX", "A"}


def test_the_selectors_are_those_that_the_signers_are_told_to_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "opendkim.conf").write_text("# Selector old\nDomain lab.test\nSelector   sel1\n")
    (tmp_path / "dkim_signing.conf").write_text('selector = "sel2";\n')
    paths = [str(tmp_path / name) for name in ("opendkim.conf", "dkim_signing.conf", "none")]
    monkeypatch.setattr(dns_records, "SIGNERS", paths)
    assert dns_records.selectors() == ["sel1", "sel2"]

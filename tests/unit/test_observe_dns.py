"""The host's own resolver."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import DnsAnswer
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import dns
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

"""Packages, the packet filter, and who reads which file: the parts that are pure."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_packages as packages

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {
    "postfix": {"source": "postfix", "version": "3.7.11-0+deb12u1", "architecture": "amd64"},
    "postfix-pcre": {"source": "postfix", "version": "3.7.11-0+deb12u1", "architecture": "amd64"},
    "dovecot-core": {"source": "dovecot", "version": "1:2.3.19.1+dfsg1-2.1+deb12u1", "architecture": "amd64"},
}


def test_packages_of_the_same_source_go_back_together_because_they_depend_on_the_exact_version() -> None:
    assert packages.with_siblings(["postfix"], KNOWN) == ["postfix", "postfix-pcre"]
    assert packages.with_siblings(["nonesuch"], KNOWN) == ["nonesuch"]


def test_the_file_of_a_version_with_an_epoch_is_named_as_apt_names_it() -> None:
    name = packages.file_name("dovecot-core", KNOWN["dovecot-core"])
    assert name == "dovecot-core_1%3a2.3.19.1+dfsg1-2.1+deb12u1_amd64.deb"


def test_a_kept_file_comes_before_the_repository_and_what_was_not_installed_goes() -> None:
    moved = {"postfix": "3.7.11", "postfix-pcre": "3.7.11", "swaks": None}
    assert packages.arguments(moved, {"postfix": "postfix_3.7.11_amd64.deb"}, "/kept") == [
        "/kept/postfix_3.7.11_amd64.deb", "postfix-pcre=3.7.11", "swaks-",
    ]  # fmt: skip


RULES = """\
table inet filter {
\tset banned {
\t\ttype ipv4_addr
\t\tflags dynamic,timeout
\t\telements = { 192.0.2.7 timeout 10m,
\t\t\t     192.0.2.8 timeout 10m }
\t}

\tset trusted {
\t\ttype ipv4_addr
\t\telements = { 192.0.2.1 }
\t}

\tchain input {
\t\ttcp dport 25 counter packets 12 bytes 720 accept
\t}
}
"""


def test_counters_and_the_elements_of_dynamic_sets_make_no_difference() -> None:
    later = RULES.replace("packets 12 bytes 720", "packets 99 bytes 9000").replace(
        "192.0.2.7 timeout 10m,\n\t\t\t     192.0.2.8 timeout 10m", "192.0.2.9 timeout 10m"
    )
    assert firewall.normal(later) == firewall.normal(RULES)


@pytest.mark.parametrize(("old", "new"), [("dport 25", "dport 26"), ("192.0.2.1", "192.0.2.2"), ("accept", "drop")])
def test_rules_and_the_elements_of_other_sets_do(old: str, new: str) -> None:
    assert firewall.normal(RULES.replace(old, new)) != firewall.normal(RULES)


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("/etc/postfix/main.cf", ("postfix.service",)),
        ("/etc/postfix-old/main.cf", ()),
        ("/etc/dnsmasq.conf", ("dnsmasq.service",)),
        ("/etc/dnsmasq.d/lab.conf", ("dnsmasq.service",)),
        ("/etc/ssl/mail/key.pem", ("postfix.service", "dovecot.service")),
        ("/etc/systemd/system/dovecot.service.d/override.conf", ("dovecot.service",)),
        ("/etc/systemd/system/postfix@-.service", ("postfix@-.service",)),
        ("/etc/hosts", ()),
    ],
)
def test_each_file_is_known_to_those_who_read_it(path: str, units: tuple[str, ...]) -> None:
    assert owners.readers_of(path) == units


def test_parameters_that_a_reload_does_not_apply_ask_for_a_restart() -> None:
    assert owners.needs_restart("inet_interfaces = all\n", "inet_interfaces = loopback-only\n")
    assert not owners.needs_restart("soft_bounce = no\n", "soft_bounce = yes\n")


def test_the_roles_and_the_undo_test_configurations_in_the_same_way() -> None:
    roles = yaml.safe_load((ROOT / "roles/services/vars/main.yml").read_text())["__services_tests"]
    assert {name: test for name, test in roles.items() if name != "nftables"} == owners.TESTS

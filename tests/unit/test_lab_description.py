"""The lab's hosts and addresses, and that its inventory says the same."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from pyremediate.errors import UsageError
from pyremediate.lab.description import CANARY, DEFAULT_MAIL_HOSTS, MOST_MAIL_HOSTS, NETWORKS, Lab, describe

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "inventory" / "lab"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.delenv("PYREMEDIATE_LAB_NAME", raising=False)
    monkeypatch.delenv("PYREMEDIATE_LAB_RANGE", raising=False)


def test_no_two_interfaces_share_an_address_or_a_mac() -> None:
    legs = [leg for host in describe(MOST_MAIL_HOSTS).hosts for leg in host.legs]
    assert len({leg.address for leg in legs}) == len({leg.mac for leg in legs}) == len(legs)


def test_every_address_is_in_its_network_and_none_is_the_controllers() -> None:
    lab = describe(MOST_MAIL_HOSTS)
    for host in lab.hosts:
        for leg in host.legs:
            assert ipaddress.ip_address(leg.address) in ipaddress.ip_network(lab.subnet(leg.network))
            assert leg.address != lab.gateway(leg.network)


def test_macs_are_unicast_and_locally_administered() -> None:
    for host in describe(MOST_MAIL_HOSTS).hosts:
        for leg in host.legs:
            assert int(leg.mac[:2], 16) & 0b11 == 0b10, leg.mac


def test_ssh_is_answered_in_the_management_network_by_every_host() -> None:
    lab = describe()
    assert {host.legs[0].network for host in lab.hosts} == {"mgmt"}
    assert lab.host("mail01").address == "10.61.2.10"


def test_another_range_moves_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_LAB_RANGE", "10.99.0.0/16")
    assert {leg.address.split(".")[1] for host in describe().hosts for leg in host.legs} == {"99"}


def test_another_name_keeps_its_keys_and_containers_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = describe()
    monkeypatch.setenv("PYREMEDIATE_LAB_NAME", "pyremediate-lab-two")
    second = describe()
    assert (first.directory, second.directory) == (tmp_path / "lab", tmp_path / "pyremediate-lab-two")
    assert not set(first.containers) & set(second.containers)
    assert not set(first.networks) & set(second.networks)


@pytest.mark.parametrize("network", ["10.61.0.0/24", "8.8.0.0/16", "10.61.1.0/16", "nonsense"])
def test_a_range_that_cannot_hold_the_lab_is_refused(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_LAB_RANGE", network)
    with pytest.raises(UsageError, match="PYREMEDIATE_LAB_RANGE"):
        describe()


@pytest.mark.parametrize("name", ["Lab", "a b", "../x", "-x"])
def test_a_name_that_podman_would_not_take_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_LAB_NAME", name)
    with pytest.raises(UsageError, match="PYREMEDIATE_LAB_NAME"):
        describe()


@pytest.mark.parametrize("count", [0, -1, MOST_MAIL_HOSTS + 1])
def test_a_number_of_mail_hosts_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(UsageError, match=f"1 to {MOST_MAIL_HOSTS}"):
        describe(count)


def test_an_unknown_host_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no host 'mail99'; it has: mail01, mail02, peer01"):
        describe().host("mail99")


def test_the_inventory_has_the_same_hosts_and_addresses() -> None:
    lab = describe(DEFAULT_MAIL_HOSTS)
    groups = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]["children"]
    listed = {name: values for group in groups.values() for name, values in group["hosts"].items()}
    assert {name: _resolved(values["ansible_host"], lab) for name, values in listed.items()} == {
        host.name: host.management for host in lab.hosts
    }
    for name, values in groups["mail"]["hosts"].items():
        assert _resolved(values["pyremediate_mail_address"], lab) == lab.host(name).address


def test_more_hosts_of_the_inventory_are_those_that_up_recorded(tmp_path: Path) -> None:
    lab = describe(5)
    lab.directory.mkdir()
    (lab.directory / "hosts.json").write_text(json.dumps({"mail": 5}))
    listing = _more_hosts(tmp_path)
    assert listing["mail"]["hosts"] == ["mail03", "mail04", "mail05"]
    for name, values in listing["_meta"]["hostvars"].items():
        host = lab.host(name)
        assert _resolved(values["ansible_host"], lab) == host.management
        assert _resolved(values["pyremediate_mail_address"], lab) == host.address


def test_the_inventory_has_no_more_hosts_before_a_lab_was_brought_up(tmp_path: Path) -> None:
    assert _more_hosts(tmp_path) == {"mail": {"hosts": []}, "_meta": {"hostvars": {}}}


def test_the_passwords_of_the_inventory_are_those_in_the_images() -> None:
    variables = yaml.safe_load((INVENTORY / "group_vars" / "mail.yml").read_text())
    users = "".join((ROOT / "lab" / kind / "root/etc/dovecot/users").read_text() for kind in ("mail", "peer"))
    kept = dict(re.findall(r"^([^:]+):\{PLAIN\}([^:]+):", users, re.MULTILINE))
    for account in (variables["pyremediate_canary"], variables["pyremediate_peer"]):
        assert kept[account["username"]] == account["password"]
    assert variables["pyremediate_canary"]["address"] == CANARY
    assert _resolved(variables["pyremediate_peer"]["imap_address"], describe()) == describe().host("peer01").address


@pytest.mark.parametrize("kind", ["mail", "peer", "dns", "client", "router"])
def test_routes_lead_to_the_networks_that_a_host_is_not_in(kind: str) -> None:
    lab = describe()
    host = next(host for host in lab.hosts if host.kind == kind)
    text = (ROOT / "lab" / kind / "root/etc/lab/routes").read_text()
    routes = dict(re.findall(r"^route replace (\S+) via (\S+)", text.replace("@PREFIX@", lab.prefix), re.MULTILINE))
    away = {lab.subnet(name) for name in set(NETWORKS) - {leg.network for leg in host.legs}}
    assert set(routes) == away | ({lab.users} if kind in {"mail", "dns"} else set())
    router = {leg.address for leg in lab.host("router01").legs}
    assert set(routes.values()) <= router


def test_only_the_routers_static_route_leads_to_the_mail_users() -> None:
    lab = describe()
    client = next(leg.address for leg in lab.host("client01").legs if leg.network == "client")
    router = (ROOT / "lab/router/root/etc/frr/frr.conf").read_text().replace("@PREFIX@", lab.prefix)
    assert re.findall(r"^ip route (\S+) (\S+)$", router, re.MULTILINE) == [(lab.users, client)]
    legs = {leg.interface: f"{leg.address}/24" for leg in lab.host("router01").legs if leg.network != "mgmt"}
    assert dict(re.findall(r"^interface (\S+)\n description .*\n ip address (\S+)$", router, re.MULTILINE)) == legs


def _more_hosts(state: Path) -> dict[str, dict[str, dict[str, str]]]:
    environment = {"PATH": os.environ["PATH"], "PYREMEDIATE_STATE": str(state)}
    done = subprocess.run([INVENTORY / "more_hosts"], capture_output=True, text=True, env=environment, check=True)
    listing: dict[str, dict[str, dict[str, str]]] = json.loads(done.stdout)
    return listing


def _resolved(text: str, lab: Lab) -> str:
    return text.replace("{{ pyremediate_lab_prefix }}", lab.prefix)

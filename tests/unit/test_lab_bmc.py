"""The lab's baseboard controllers without a lab: what they say, who may ask, what power does, and what a killed one leaves."""

from __future__ import annotations

import base64
import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from jinja2 import Template

from pyremediate.errors import PyremediateError
from pyremediate.lab import bmc, engine, keys
from pyremediate.lab.bmc import documents, process, state
from pyremediate.lab.description import MOST_MAIL_HOSTS, Lab, describe

ROOT = Path(__file__).resolve().parents[2]
SYSTEM, CHASSIS = "/redfish/v1/Systems/1", "/redfish/v1/Chassis/1"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.delenv("PYREMEDIATE_LAB_NAME", raising=False)
    monkeypatch.delenv("PYREMEDIATE_LAB_RANGE", raising=False)
    found = describe(2)
    bmc.directory(found).mkdir(parents=True)
    return found


def test_every_host_has_a_port_of_its_own() -> None:
    hosts = describe(MOST_MAIL_HOSTS).mail_hosts
    assert len({bmc.port(host) for host in hosts}) == MOST_MAIL_HOSTS
    assert bmc.port(hosts[3]) == 8013


def test_the_inventory_says_where_they_answer_and_to_whom() -> None:
    lab = describe(2)
    variables = yaml.safe_load((ROOT / "inventory/lab/group_vars/mail.yml").read_text())
    for host in lab.mail_hosts:
        address = Template(variables["pyremediate_bmc_address"]).render(
            pyremediate_lab_prefix=lab.prefix, ansible_host=host.management
        )
        assert address == f"{bmc.address(lab)}:{bmc.port(host)}"
    assert (variables["pyremediate_bmc_user"], variables["pyremediate_bmc_password"]) == (bmc.USER, bmc.PASSWORD)


def test_what_is_set_changes_that_alone(tmp_path: Path) -> None:
    path = tmp_path / "mail01.json"
    assert state.load(path) == state.HEALTHY
    state.save(path, {"fans": {"Fan 1": {"rpm": 0, "health": "Critical"}}})
    seen = state.load(path)
    assert seen["fans"]["Fan 1"] == {"rpm": 0, "health": "Critical"}
    assert seen["fans"]["Fan 2"] == state.HEALTHY["fans"]["Fan 2"]


def test_the_worst_part_makes_the_health_of_the_whole() -> None:
    assert state.health(state.HEALTHY) == "OK"
    warned = state.merged(state.HEALTHY, {"memory": {"DIMM A1": {"health": "Warning"}}})
    assert state.health(warned) == "Warning"
    assert state.health(state.merged(warned, {"drives": {"Disk 1": {"health": "Critical"}}})) == "Critical"


def test_every_link_leads_to_a_document() -> None:
    found = documents.own(SYSTEM, CHASSIS, state.HEALTHY)

    def links(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {value["@odata.id"]} if set(value) == {"@odata.id"} else set().union(*map(links, value.values()))
        return set().union(*map(links, value)) if isinstance(value, (list, tuple)) else set()

    wanted = links(list(found.values()))
    assert wanted <= set(found)


def test_system_and_chassis_lead_to_what_they_lack() -> None:
    found = documents.amended({"Id": "1"}, SYSTEM, SYSTEM, CHASSIS, state.HEALTHY)
    assert found["LogServices"] == {"@odata.id": f"{SYSTEM}/LogServices"}
    assert documents.amended({"Id": "1"}, CHASSIS, SYSTEM, CHASSIS, state.HEALTHY)["Power"]
    assert documents.amended({"Id": "1"}, "/redfish/v1", SYSTEM, CHASSIS, state.HEALTHY) == {"Id": "1"}


def test_a_certificate_for_the_address_is_made_once_and_anew_for_another_authority(lab: Lab) -> None:
    keys.ensure(lab.directory, lab.hosts)
    certificate, key = process.certificate(lab)
    first = certificate.read_bytes()
    names = x509.load_pem_x509_certificate(first).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [str(each) for each in names.value.get_values_for_type(x509.IPAddress)] == [bmc.address(lab)]
    assert key.stat().st_mode & 0o777 == 0o600
    process.certificate(lab)
    assert certificate.read_bytes() == first
    (lab.directory / "ca.key").unlink()
    keys.ensure(lab.directory, lab.hosts)
    process.certificate(lab)
    assert certificate.read_bytes() != first


def test_a_killed_process_is_not_taken_for_a_running_one(lab: Lab) -> None:
    (bmc.directory(lab) / "lock").write_text(json.dumps({"process": os.getpid(), "mail_hosts": 2}))
    assert process.running(lab) is None
    process.stop(lab)


def test_the_process_that_holds_the_lock_is_running_until_it_lets_go(lab: Lab) -> None:
    lock = process.hold(lab)
    assert process.running(lab) == process.Running(os.getpid(), 2, process.made_of())
    with pytest.raises(BlockingIOError):
        process.hold(lab)
    fcntl.flock(lock, fcntl.LOCK_UN)
    assert process.running(lab) is None


def test_stopping_forgets_what_was_set(lab: Lab) -> None:
    state.save(bmc.sensors(lab, lab.mail_hosts[0]), {"events": []})
    process.stop(lab)
    assert not bmc.sensors(lab, lab.mail_hosts[0]).exists()


def test_one_that_cannot_start_says_why(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.ensure(lab.directory, lab.hosts)
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    with pytest.raises(PyremediateError, match=r"controllers did not come .*it said nothing"):
        process.ensure(lab)


def test_one_that_answers_for_these_hosts_is_left_alone_and_one_of_other_code_is_not(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Lab] = []
    monkeypatch.setattr(process, "_start", started.append)
    monkeypatch.setattr(process, "_end", lambda lab, there: None)
    lock = process.hold(lab)
    process.ensure(lab)
    assert started == []
    monkeypatch.setattr(process, "made_of", lambda: "something newer")
    process.ensure(lab)
    assert started == [lab]
    lock.close()


class Engine:
    """A container that is switched on and off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = "running"
        self.done: list[str] = []
        monkeypatch.setattr(engine, "containers", lambda names: {names[0]: self})
        for call, after in (("power_off_container", "exited"), ("start_container", "running")):
            monkeypatch.setattr(engine, call, lambda name, call=call, after=after: self._do(call, after))

    @property
    def alive(self) -> bool:
        return self.state == "running"

    def _do(self, call: str, after: str) -> None:
        self.done.append(call)
        self.state = after


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Engine:
    return Engine(monkeypatch)


class Client:
    """Asks one host's controller."""

    def __init__(self, lab: Lab) -> None:
        pytest.importorskip("sushy_tools")
        from pyremediate.lab.bmc import machines, service

        self.lab = lab
        self._http = service._application(lab).test_client()
        self._port = bmc.port(lab.mail_hosts[0])
        self.system = f"/redfish/v1/Systems/{machines.identity(lab.mail_hosts[0])}"
        self.chassis = service.CHASSIS

    def ask(self, path: str, password: str = bmc.PASSWORD, **more: Any) -> tuple[int, Any]:
        token = base64.b64encode(f"{bmc.USER}:{password}".encode()).decode()
        answer = self._http.open(
            path,
            environ_overrides={"SERVER_PORT": str(self._port)},
            headers={"Authorization": f"Basic {token}"},
            **more,
        )
        return answer.status_code, answer.get_json(silent=True)

    def reset(self, kind: str) -> int:
        path = f"{self.system}/Actions/ComputerSystem.Reset"
        return self.ask(path, method="POST", json={"ResetType": kind})[0]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """One for all: sushy-tools' application is a global of its module, and is set up once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYREMEDIATE_STATE", str(tmp_path_factory.mktemp("state")))
        lab = describe(2)
    bmc.directory(lab).mkdir(parents=True)
    return Client(lab)


@pytest.fixture
def client(service: Client, container: Engine) -> Client:
    return service


def test_over_one_port_one_system_is_seen(client: Client) -> None:
    _, found = client.ask("/redfish/v1/Systems")
    assert [each["@odata.id"] for each in found["Members"]] == [client.system]
    assert client.ask("/redfish/v1/Systems/another")[0] == 404


@pytest.mark.parametrize("where", ["system", "chassis"])
@pytest.mark.parametrize("what", ["", "/Memory", "/Power"])
def test_nobody_is_answered_without_the_password(client: Client, where: str, what: str) -> None:
    assert client.ask(getattr(client, where) + what, password="wrong")[0] == 401


def test_power_is_the_containers(client: Client, container: Engine) -> None:
    assert client.ask(client.system)[1]["PowerState"] == "On"
    assert client.reset("ForceOff") == 204
    assert client.ask(client.system)[1]["PowerState"] == "Off"
    assert (client.reset("ForceOff"), client.reset("On"), client.reset("On")) == (204, 204, 204)
    assert container.done == ["power_off_container", "start_container"]


def test_what_shuts_down_is_not_off_yet(client: Client, container: Engine) -> None:
    container.state = "stopping"
    assert client.ask(client.system)[1]["PowerState"] == "On"


def test_a_frozen_one_is_on_and_a_restart_is_its_cure(client: Client, container: Engine) -> None:
    container.state = "paused"
    assert client.ask(client.system)[1]["PowerState"] == "On"
    assert client.reset("On") == 204
    assert container.done == []
    assert client.reset("ForceRestart") == 204
    assert container.done == ["power_off_container", "start_container"]


def test_what_it_cannot_do_it_says(client: Client) -> None:
    assert client.reset("Nmi") == 501


def test_a_fan_that_stands_still_is_seen_at_once(client: Client) -> None:
    assert client.ask(client.system)[1]["Status"]["Health"] == "OK"
    path = bmc.sensors(client.lab, client.lab.mail_hosts[0])
    state.save(path, {"fans": {"Fan 1": {"rpm": 0, "health": "Critical"}}})
    assert client.ask(client.system)[1]["Status"]["Health"] == "Critical"
    fans = client.ask(f"{client.chassis}/Thermal")[1]["Fans"]
    assert (fans[0]["Reading"], fans[0]["Status"]["Health"]) == (0, "Critical")

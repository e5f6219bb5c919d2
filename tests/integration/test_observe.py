"""Observation of a real mail host: it changes nothing, is complete and quick, and works where little else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyremediate.ansible import plays
from pyremediate.bmc import board
from pyremediate.bmc.values import Account
from pyremediate.lab import bmc, verbs
from pyremediate.looking.look import OBSERVE
from pyremediate.request import AnsibleOptions
from tests.integration.world import INVENTORY, World
from tests.unit.observe_recorded import documented

pytestmark = pytest.mark.lab

SECTIONS = {
    "services", "hardware", "resources", "network", "dns", "postfix", "dovecot", "milters", "tls", "packages", "log",
    "files", "ssh",
}  # fmt: skip
# What changes by itself, or since somebody logs in: the journal and the log of the login, the session, the list of who is
# logged in; Postfix's own lock of the daemon that lists the queue, and the randomness that its tlsmgr saves now and then.
BY_ITSELF = (
    "/dev/shm/before", "/run/log/", "/run/motd.dynamic", "/run/systemd/", "/run/utmp", "/run/user", "/var/log/",
    "/var/lib/postfix/prng_exch", "/var/lib/rspamd", "/var/spool/postfix/pid/",
)  # fmt: skip
WATCHED = "/ /run /tmp /dev/shm /var/log/journal"


def observe(host: str, options: AnsibleOptions | None = None, **variables: Any) -> dict[str, Any]:
    """The evidence, by the playbook that users call."""
    options = options or AnsibleOptions(inventory=(INVENTORY,))
    result = plays.run(plays.Play("observe", {"pyremediate_hosts": host, **variables}, options))
    (task,) = result.by_action(OBSERVE)
    assert task.status == "ok", task.message
    assert not task.changed
    evidence: dict[str, Any] = task.data["evidence"]
    return evidence


def states(evidence: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """State and reason of every section."""
    return {name: (section["state"], section["error"]) for name, section in evidence["sections"].items()}


def observed(evidence: dict[str, Any]) -> bool:
    """Whether every section is there, but the hardware, which no container has."""
    return {name for name, (state, _) in states(evidence).items() if state != "ok"} == {"hardware"}


@pytest.fixture
def host(world: World) -> World:
    """The mail host of this file."""
    return world


def test_a_healthy_host_is_observed_completely(host: World) -> None:
    evidence = observe(host.host, pyremediate_hash_key="a-key-that-is-in-no-other-word")
    assert set(states(evidence)) == SECTIONS
    assert observed(evidence)
    assert {reason for name, (_, reason) in states(evidence).items() if name != "hardware"} == {""}
    assert evidence["host"] == host.host
    returned = {name: set(section["data"]) for name, section in evidence["sections"].items()}
    assert returned == {name: set(section["contains"]) for name, section in documented().items() if name in SECTIONS}


def test_observing_changes_nothing_on_the_host(host: World) -> None:
    observe(host.host)  # whatever runs for the first time has run: the connection, the daemon that lists the queue
    host.on(host.host, "touch", "/dev/shm/before")
    observe(host.host)
    # The time of the last change of status: of a file that was written, made, renamed, or given away.
    found = host.on(host.host, f"find {WATCHED} -xdev -newercm /dev/shm/before -print").splitlines()
    host.on(host.host, "rm", "/dev/shm/before")
    expected_anyway = {"/dev/shm", "/run", "/var/log", "/var/log/journal"}  # directories of what changes by itself
    assert [path for path in found if path not in expected_anyway and not path.startswith(BY_ITSELF)] == []


def test_observing_in_check_mode_observes(host: World) -> None:
    evidence = observe(host.host, AnsibleOptions(inventory=(INVENTORY,), check=True))
    assert observed(evidence)


def test_a_host_with_full_and_read_only_file_systems_is_observed(host: World, fresh: Callable[[str], None]) -> None:
    try:
        host.on(
            host.host,
            "mount -t tmpfs -o size=64k tmpfs /tmp; mount -t tmpfs -o size=64k tmpfs /var/tmp; "
            "dd if=/dev/zero of=/tmp/fill 2>/dev/null; dd if=/dev/zero of=/var/tmp/fill 2>/dev/null; "
            "for place in /root /home /usr /etc /opt; do mount --bind $place $place; mount -o remount,bind,ro $place; done; "
            "! touch /root/x",
        )
        evidence = observe(host.host)
        assert observed(evidence)
        room = {each["mount"]: each for each in evidence["sections"]["resources"]["data"]["filesystems"]}
        assert room["/etc"]["read_only"]
        assert room["/tmp"]["available"] == 0
    finally:
        fresh(host.host)


def test_without_privileges_the_sections_say_what_could_not_be_read(host: World) -> None:
    options = AnsibleOptions(inventory=(INVENTORY,), become=True, become_method="su", become_user="_rspamd")
    evidence = observe(host.host, options, ansible_become_flags="-s /bin/sh")
    found = states(evidence)
    assert found["log"][0] == "failed"
    assert "Permission denied" in found["log"][1]
    assert evidence["sections"]["postfix"]["data"]["queue"]["counts"]["deferred"] is None
    assert "Permission denied" in found["postfix"][1]
    assert not evidence["sections"]["network"]["data"]["firewall"]["available"]
    assert {name for name, (state, _) in found.items() if state != "ok"} == {"log", "hardware"}


def test_a_host_that_is_switched_off_is_seen_out_of_band_and_comes_back(
    host: World, fresh: Callable[[str], None]
) -> None:
    pytest.importorskip("sushy_tools")
    lab = verbs.current()
    address = f"{bmc.address(lab)}:{bmc.port(lab.host(host.host))}"
    account = Account(address, bmc.USER, bmc.PASSWORD, str(lab.directory / "ca.pem"))
    try:
        assert board.look(account).power == "On"
        host.break_by("hardware/powered_off")
        seen = board.look(account)
        assert (seen.power, seen.health, seen.notes) == ("Off", "OK", ())
    finally:
        fresh(host.host)
    assert board.look(account).power == "On"

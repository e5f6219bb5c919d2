"""An interface that goes down takes its routes along (ip-link(8)): a checkpoint that holds the interface holds them, too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_links as links
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import Done

from tests.unit.test_checkpoint_states import Host, host

__all__ = ["host"]
BY_HAND = {"dst": "10.61.3.0/24", "gateway": "10.61.2.2", "dev": "eth1", "flags": []}
OTHER_PORT = {"dst": "10.61.8.0/24", "gateway": "10.61.0.2", "dev": "eth0", "protocol": "static", "flags": []}
OF_THE_KERNEL = {
    "dst": "10.61.2.0/24",
    "dev": "eth1",
    "protocol": "kernel",
    "scope": "link",
    "prefsrc": "10.61.2.10",
    "flags": [],
}
OF_A_DAEMON = {
    "dst": "10.61.9.0/24",
    "nhid": 10,
    "gateway": "10.61.2.9",
    "dev": "eth1",
    "protocol": "static",
    "metric": 20,
}


class Kernel:
    """Two interfaces and their routes, as ip(8) tells and changes them."""

    def __init__(self) -> None:
        self.up = True
        self.routes: list[dict[str, Any]] = [BY_HAND, OTHER_PORT, OF_THE_KERNEL, OF_A_DAEMON]
        self.done: list[str] = []

    def down(self) -> None:
        """The kernel forgets every route that leads through it."""
        self.up, self.routes = False, [each for each in self.routes if each["dev"] != "eth1"]

    def run(self, argv: list[str], **_: Any) -> Done:
        words = " ".join(argv)
        if words == "ip -json address show":
            flags = ["BROADCAST", *(["UP"] if self.up else [])]
            address = {"local": "10.61.2.10", "prefixlen": 24, "scope": "global"}
            entry = {"ifname": "eth1", "flags": flags, "mtu": 1500, "addr_info": [address]}
            return Done(argv, 0, json.dumps([entry]), "")
        if words.endswith("-json route"):
            return Done(argv, 0, json.dumps(self.routes if " -4 " in words else []), "")
        self.done.append(words)
        return Done(argv, *self._changed(words))

    def _changed(self, words: str) -> tuple[int, str, str]:
        if words == "ip link set dev eth1 up":
            self.up = True
            self.routes += [OF_THE_KERNEL]
        if "route replace 10.61.3.0/24" in words:
            if not self.up:
                return 2, "", "Error: Nexthop has invalid gateway."
            self.routes += [BY_HAND]
        return 0, "", ""


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    for module in (links, routes):
        monkeypatch.setattr(module, "run", kernel.run)
    return kernel


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "cut_off"])
def test_an_interface_that_was_switched_off_comes_back_with_the_routes_that_were_written_down(
    host: Host, kernel: Kernel, sealed: bool
) -> None:
    host.create(links=["eth1"])
    kernel.down()
    if sealed:
        host.reach("sealed")
    undone = host.reach("restored")
    assert "msg" not in undone, undone
    assert kernel.up and BY_HAND in kernel.routes
    assert kernel.done.index("ip link set dev eth1 up") < next(
        number for number, words in enumerate(kernel.done) if "route replace" in words
    )


def test_routes_of_the_kernel_of_a_routing_daemon_and_of_other_interfaces_are_left_to_them(
    host: Host, kernel: Kernel
) -> None:
    host.create(links=["eth1"])
    held = {item["name"] for item in host.manifest()["items"] if item["kind"] == "route"}
    assert held == {"10.61.3.0/24"}

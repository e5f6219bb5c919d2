"""A router's own: interfaces, neighbours that somebody wrote down, FRRouting's running configuration."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_create as creation
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_undo as undoing
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_frr as frr
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_links as links
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_neighbours as neighbours
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import Done
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import Unwished, wishes_of

UP = {"up": True, "mtu": 1500, "addresses": ["10.61.2.2/24", "2001:db8::1/64"]}
ENTRY = {
    "ifname": "eth2", "flags": ["BROADCAST", "UP", "LOWER_UP"], "mtu": 1500,
    "addr_info": [
        {"local": "2001:db8::1", "prefixlen": 64, "scope": "global"}, {"local": "10.61.2.2", "prefixlen": 24, "scope": "global"},
        {"local": "fe80::1", "prefixlen": 64, "scope": "link"},
    ],
}  # fmt: skip
RUNNING = "frr version 8.4.4\nhostname r1\n!\nip route 10.61.9.0/24 10.61.1.10\n!\nend\n"


class Router:
    """What ip(8) and FRRouting say and are told; ``running`` None: FRRouting does not run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running: str | None = RUNNING
        self.links = {"eth2": dict(UP)}
        self.told: list[list[str]] = []
        self.refuses = False
        for module in (frr, links, neighbours):
            monkeypatch.setattr(module, "run", self.run)
        monkeypatch.setattr(links, "look", lambda names: {name: self.links.get(name, {}) for name in names})

    def run(self, argv: list[str], timeout: int = 30) -> Done:
        self.told.append(argv)
        if argv[0] == "vtysh":
            text = f"Building configuration...\n\nCurrent configuration:\n!\n{self.running}"
            return Done(argv, 0, text, "") if self.running else Done(argv, 1, "", "failed to connect to any daemons.")
        if argv[0] == frr.RELOAD and self.refuses:
            return Done(argv, 1, "", "vtysh failed to process new configuration")
        return self.reload(argv) if argv[0] == frr.RELOAD else Done(argv, 0, "[]", "")

    def reload(self, argv: list[str]) -> Done:
        wanted = Path(argv[-1]).read_text()
        differs = sorted(frr.normal(wanted).split("\n")) != sorted(frr.normal(self.running or "").split("\n"))
        if "--reload" in argv:
            self.running = wanted
        return Done(argv, 0, "\nLines To Add\n============\nx\n" if differs else "", "")


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Router:
    return Router(monkeypatch)


def changes(*differences: dict[str, Any]) -> list[Any]:
    found: list[Any] = applying.changes_of(wishes_of(differences))
    return found


def configuration(text: str) -> dict[str, Any]:
    return {
        "kind": "device.configuration",
        "name": "r1",
        "was": None,
        "content": base64.b64encode(text.encode()).decode(),
    }


def test_an_interface_is_known_without_what_comes_and_goes_with_it() -> None:
    assert links.state_of(ENTRY) == UP


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"up": False}, ["ip link set dev eth2 up"]),
        ({"mtu": 1300}, ["ip link set dev eth2 mtu 1500"]),
        ({"addresses": ["10.61.2.3/24"]}, ["ip address del 10.61.2.3/24 dev eth2"]),
        ({}, []),
    ],
)
def test_an_interface_is_put_back_and_what_was_added_goes_first(now: dict[str, Any], words: list[str]) -> None:
    kept = ["ip address replace 10.61.2.2/24 brd + dev eth2", "ip address replace 2001:db8::1/64 dev eth2"]
    assert [" ".join(line) for line in links.commands("eth2", UP, {**UP, **now})] == words + kept


def test_an_interface_that_is_gone_cannot_be_made(router: Router) -> None:
    router.links.clear()
    assert "neither made nor removed" in links.put_back("eth2", UP)


def test_only_what_was_set_at_an_interface_is_wished_and_the_rest_of_it_stays(router: Router) -> None:
    router.links["eth2"] = {**UP, "mtu": 1300, "up": False}
    found = changes({"kind": "device.interface", "name": "eth2", "aspect": "mtu", "was": 1500, "is": 1300})
    assert [(change.kind, change.name, change.wanted) for change in found] == [("link", "eth2", {**UP, "up": False})]


def test_whether_an_interface_carries_packets_is_nothing_that_can_be_put_back() -> None:
    with pytest.raises(Unwished, match="only these"):
        wishes_of([{"kind": "device.interface", "name": "eth2", "aspect": "up", "was": True, "is": False}])


def test_a_neighbour_that_was_added_is_forgotten_and_one_that_was_there_is_written_down_again() -> None:
    added = {"kind": "device.neighbour", "name": "10.61.2.10", "was": None, "is": "02:00:00:00:00:01 eth2"}
    gone = {"kind": "device.neighbour", "name": "10.61.2.11", "was": "02:00:00:00:00:02 eth2", "is": None}
    wanted = wishes_of([added, gone]).neighbours
    assert wanted == {"10.61.2.10": {"eth2": ""}, "10.61.2.11": {"eth2": "02:00:00:00:00:02"}}


def test_only_what_is_wrong_of_a_neighbour_is_changed() -> None:
    now, wanted = (
        {"eth1": "02:00:00:00:00:01", "eth2": "02:00:00:00:00:01"},
        {"eth2": "02:00:00:00:00:02", "eth3": "02:00:00:00:00:03"},
    )
    assert [" ".join(line) for line in neighbours.commands("10.61.2.10", wanted, now)] == [
        "ip neighbour del 10.61.2.10 dev eth1",
        "ip neighbour replace 10.61.2.10 lladdr 02:00:00:00:00:02 nud permanent dev eth2",
        "ip neighbour replace 10.61.2.10 lladdr 02:00:00:00:00:03 nud permanent dev eth3",
    ]
    assert neighbours.commands("10.61.2.10", wanted, wanted) == []


def test_configurations_are_equal_whatever_separates_their_sections(router: Router) -> None:
    assert frr.normal(frr.text()) == frr.normal(RUNNING.replace("!\n", ""))
    assert changes(configuration(RUNNING.replace("end\n", ""))) == []


def test_a_configuration_is_replaced_as_a_whole_and_not_saved_by_that(router: Router) -> None:
    router.running = RUNNING.replace("ip route", "ip prefix-list x seq 5 permit")
    found = changes(configuration(RUNNING))
    applying.carry_out(found, "/nowhere")
    assert applying.unfulfilled(found) == []
    modes = [(line[1], line[4] == line[5].rpartition("/")[0]) for line in router.told if line[0] == frr.RELOAD]
    assert router.running == RUNNING
    assert ("--reload", True) in modes  # a file in the directory that it is told to be its own is never saved
    assert [mode for mode, own in modes if not own] == []


def test_the_order_of_lines_is_no_difference(router: Router) -> None:
    router.running = "frr version 8.4.4\nip route 10.61.9.0/24 10.61.1.10\nhostname r1\n"
    assert changes(configuration(RUNNING)) == []


def test_a_configuration_with_a_withheld_secret_is_never_put_back() -> None:
    with pytest.raises(Unwished, match="secret"):
        wishes_of([configuration(RUNNING + "password (withheld)\n")])


def test_a_router_whose_configuration_could_not_be_put_back_is_not_touched(router: Router) -> None:
    router.refuses = True
    with pytest.raises(OSError, match="not touched"):
        creation._frr()


def test_routing_that_did_not_run_is_not_configured_by_the_undo(router: Router) -> None:
    router.running = None
    (item,) = creation._frr()
    assert item["kept"] == {}
    assert items.sentence(item, item["was"]) == "frr running-config: nothing"


def test_the_undo_configures_routing_then_interfaces_then_routes_and_neighbours() -> None:
    assert list(undoing.ORDER[-4:]) == ["frr", "link", "route", "neighbour"]
    assert set(undoing.ORDER) == set(items.LOOK)

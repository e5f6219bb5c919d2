"""baseline: what is kept, who said so, and what people read of it."""

from __future__ import annotations

import json

import pytest

from pyremediate.errors import UsageError
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval, Kept
from tests.unit.cli.stage import Played, run
from tests.unit.known_good.stage import ROUTER
from tests.unit.looks import evidence

FILES = {"tracked": {"/etc/aliases": {"secret": False}, "/etc/ssl/key.pem": {"secret": True}}}
MOVED = Approval("anna", "after the move")


def test_hosts_are_captured_with_who_says_so_and_why(played: Played) -> None:
    played.answers = [Kept("0123456789abcdef", ("hosts/mail01",), ("devices/router01",))] * 2
    line = ("baseline", "capture", "--host", "mail01", "--reason", "after the move", "--ticket", "OPS-7")
    assert run(*line).stdout == "captured: mail01 (0123456789)\nas it was kept before: router01\n"
    data = json.loads(run(*line, "--format", "json").stdout)
    assert data == {"captured": ["mail01", "router01"], "commit": "0123456789abcdef", "unchanged": ["router01"]}
    assert (played.approvals[0].reason, played.approvals[0].ticket) == ("after the move", "OPS-7")


def test_where_nothing_is_kept_it_says_how_to_capture() -> None:
    assert "no last known good is kept" in run("baseline", "list").stdout
    with pytest.raises(UsageError, match="capture it with: pyremediate baseline capture --host mail01"):
        run("baseline", "show", "mail01")


def test_what_is_kept_of_hosts_and_devices_is_listed() -> None:
    keep({"mail01": Captured(evidence(files=FILES))}, [ROUTER], MOVED)
    _, host, device = run("baseline", "list").stdout.splitlines()
    assert host.split()[:2] == ["mail01", "host"] and host.endswith("after the move")
    assert device.split()[:2] == ["router01", "device"]
    data = json.loads(run("baseline", "list", "--format", "json").stdout)
    assert [entry["host"] for entry in data["hosts"]] == ["mail01"]
    assert [(entry["device"], entry["by"]) for entry in data["devices"]] == [("router01", "anna")]


def test_what_is_kept_of_a_host_is_shown() -> None:
    keep({"mail01": Captured(evidence(files=FILES))}, [ROUTER], MOVED)
    shown = run("baseline", "show", "mail01").stdout
    assert "by anna: after the move" in shown and "2 files, of which 1 secret" in shown
    data = json.loads(run("baseline", "show", "mail01", "--format", "json").stdout)
    assert data["reason"] == "after the move" and data["evidence"]["sections"]["files"]["state"] == "ok"


def test_what_is_kept_of_a_device_is_shown() -> None:
    keep({}, [ROUTER], MOVED)
    shown = run("baseline", "show", "router01").stdout
    assert "router01: captured" in shown and "routes      ok" in shown and "vlans       unknown" in shown
    data = json.loads(run("baseline", "show", "router01", "--format", "json").stdout)
    assert (data["device"], data["evidence"]["running"]) == ("router01", "hostname r\n")

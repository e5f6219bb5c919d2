"""The record of approvals: what was approved, by whom, and going back to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pyremediate import approve as approving
from pyremediate import capture as capturing
from pyremediate.capture import Taken
from pyremediate.errors import Undetermined, UsageError
from pyremediate.known_good import hosts
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import Settings
from tests.unit.known_good.stage import ROUTER
from tests.unit.known_good.test_merging import NAMED, NOW_CAPTURED, WAS, WAS_MAIN
from tests.unit.looks import evidence

ANNA = Approval("anna", "the new smarthost", ticket="OPS-7")
WAS_CAPTURED = Captured(evidence(**WAS), {"/etc/postfix/main.cf": WAS_MAIN})


class Asked:
    """Hosts that are looked at on a stage; remembers whether they were to keep their secrets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **taken: Any) -> None:
        self.keep_secrets: list[bool] = []
        self.taken = Taken(**{"hosts": {}, "devices": {}, "refused": {}, **taken})
        monkeypatch.setattr(capturing, "take", self._take)

    def _take(self, request: Request, keep_secrets: bool) -> Taken:
        self.keep_secrets.append(keep_secrets)
        return self.taken


@pytest.fixture(autouse=True)
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What was approved first, of one host and one device."""
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    return keep({"mail01": WAS_CAPTURED}, [ROUTER], Approval("anna", "made by the lab")).commit


def request(name: str = "mail01") -> Request:
    return Request(name, AnsibleOptions(), Settings())


def approved() -> Any:
    known_good = hosts.load("mail01")
    assert known_good is not None
    return known_good.evidence.data()["postfix"]["main"]["parameters"]


def test_hosts_as_they_are_differ_and_keep_nothing_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, hosts={"mail01": NOW_CAPTURED, "mail07": NOW_CAPTURED}, refused={"mail03": "no route"})
    found = approving.diff(request())
    assert asked.keep_secrets == [False]
    assert [(each.kind, each.name) for each in found.changes[0].differences] == NAMED
    assert (found.without, found.refused) == (("mail07",), {"mail03": "no route"})


def test_all_that_differs_is_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, hosts={"mail01": NOW_CAPTURED})
    kept, change = approving.approve(request(), ANNA, ())
    assert kept.commit and asked.keep_secrets == [True] and len(change.differences) == len(NAMED)
    assert approved() == {"relayhost": "[smart]", "myhostname": "mail99"}
    assert approving.approve(request(), ANNA, ())[0].commit == ""


def test_only_what_is_named_is_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, hosts={"mail01": NOW_CAPTURED})
    approving.approve(request(), ANNA, [("postfix.parameter", "relayhost")])
    assert asked.keep_secrets == [False]
    assert approved() == {"relayhost": "[smart]", "myhostname": "mail01"}
    newest, oldest = approving.history("mail01")
    assert newest.commit.what == "Approved of mail01: postfix.parameter relayhost"
    assert (newest.commit.by, newest.commit.reason, newest.commit.ticket) == ("anna", "the new smarthost", "OPS-7")
    assert newest.change is not None and [each.name for each in newest.change.differences] == ["relayhost"]
    assert oldest.change is None and oldest.commit.what == "Captured: mail01, router01"


def test_an_earlier_approval_is_the_known_good_again(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    Asked(monkeypatch, hosts={"mail01": NOW_CAPTURED})
    second = approving.approve(request(), ANNA, ())[0].commit
    restored = approving.restore("mail01", first[:12], Approval("bert", "it was better"))
    assert approved() == {"relayhost": "", "myhostname": "mail01"}
    known_good = hosts.load("mail01")
    assert known_good is not None and known_good.content("/etc/postfix/main.cf") == WAS_MAIN
    assert (known_good.by, known_good.commit) == ("bert", restored.commit)
    assert next(iter(approving.history("mail01"))).commit.what == f"Restored: mail01 as of {first[:10]}"
    assert len(approving.between("mail01", first, second).differences) == len(NAMED)
    assert approving.between("mail01", first, restored.commit).differences == ()
    assert approving.restore("mail01", first, ANNA).commit == ""


def test_a_device_is_approved_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, devices={"router01": replace(ROUTER, running="hostname s\n")})
    with pytest.raises(UsageError, match="leave --only out"):
        approving.approve(request("router01"), ANNA, [("device.line", "x")])
    _, change = approving.approve(request("router01"), ANNA, ())
    assert [each.kind for each in change.differences] == ["device.line"]
    assert [entry.commit.reason for entry in approving.history("router01")] == ["the new smarthost", "made by the lab"]


def test_what_was_never_approved_or_is_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, refused={"mail01": "no route to host"})
    with pytest.raises(UsageError, match="no last known good of mail09 is kept; capture it with"):
        approving.approve(request("mail09"), ANNA, ())
    with pytest.raises(Undetermined, match="mail01 could not be looked at: no route to host"):
        approving.approve(request(), ANNA, ())
    with pytest.raises(UsageError, match="'nonsense' is no approval on record"):
        approving.restore("mail01", "nonsense", ANNA)

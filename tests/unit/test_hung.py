"""A machine that hangs is told from one that only seems to: restarting the wrong one loses what it had in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from pyremediate.diagnosis import catalogue
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.diagnosis.diagnose import Diagnosis, diagnose
from pyremediate.model import Answer, Cause, Leg, Look
from pyremediate.repair import plan
from pyremediate.settings import PolicySettings
from tests.unit.evidence_file import read

EVIDENCE = catalogue.product_faults() / "hardware" / "hung" / "evidence"
FROZEN = read(EVIDENCE / "match_lab.json")  # its kernel takes connections
SILENT = read(EVIDENCE / "match_silent.json")  # from the first packet on


@pytest.fixture(scope="module")
def faults() -> Catalogue:
    return catalogue.load()


def codes(diagnosis: Diagnosis) -> list[str]:
    return [cause.code for cause in diagnosis.causes]


def hung(faults: Catalogue, look: Look) -> Cause:
    return next(cause for cause in diagnose(faults, look).causes if cause.code == "hardware/hung")


def told_by(legs: Iterable[Leg], *vantages: str) -> tuple[Leg, ...]:
    return tuple(leg for leg in legs if leg.vantage in vantages)


@pytest.mark.parametrize("look", [FROZEN, SILENT], ids=["frozen", "silent"])
def test_a_machine_is_not_restarted_while_one_vantage_point_has_a_word_from_it(faults: Catalogue, look: Look) -> None:
    heard = (Leg("inbound", "banner", Answer.PASS, "elsewhere"), Leg("inbound", "connect", Answer.PASS, "elsewhere"))
    refused = (Leg("inbound", "connect", Answer.FAIL, "elsewhere", "refused: nothing listens there"),)
    for more in (heard, refused):
        assert "hardware/hung" not in codes(diagnose(faults, replace(look, legs=(*look.legs, *more))))


@pytest.mark.parametrize("look", [FROZEN, SILENT], ids=["frozen", "silent"])
def test_one_vantage_point_alone_is_not_believed(faults: Catalogue, look: Look) -> None:
    alone = replace(look, legs=told_by(look.legs, "localhost"))
    lost = (
        Leg("inbound", "route", Answer.FAIL, "lost", "no route to it"),
        Leg("inbound", "resolve", Answer.FAIL, "lost"),
    )
    assert "hardware/hung" not in codes(diagnose(faults, alone))
    assert "hardware/hung" not in codes(diagnose(faults, replace(alone, legs=(*alone.legs, *lost))))
    two = replace(look, legs=told_by(look.legs, "localhost", "peer01"))
    assert codes(diagnose(faults, two)) == ["hardware/hung"]


@pytest.mark.parametrize(
    "words",
    [
        "refuses: the host is up",
        "does not let root in",
        "the host key of mail01 has changed",
        "the observation failed: timed out",
    ],
)
def test_a_host_that_answers_over_management_does_not_hang(faults: Catalogue, words: str) -> None:
    assert "hardware/hung" not in codes(diagnose(faults, replace(FROZEN, unreachable=f"mail01: port 22 {words}")))


@pytest.mark.parametrize(
    "words",
    [
        "port 22 does not answer within 5 s",
        "there is no way to 10.0.0.11 port 22 (No route to host)",
        "no answer within 50 s",
        "Data could not be sent to remote host: Connection timed out during banner exchange",
        "ssh: connect to host 10.0.0.11 port 22: No route to host",
    ],
)
def test_each_kind_of_silence_over_management_counts(faults: Catalogue, words: str) -> None:
    assert codes(diagnose(faults, replace(SILENT, unreachable=f"mail02: {words}"))) == ["hardware/hung"]


@pytest.mark.parametrize("look", [FROZEN, SILENT], ids=["frozen", "silent"])
def test_what_is_off_is_off_and_hangs_not(faults: Catalogue, look: Look) -> None:
    off = {**(look.board or {}), "power": "Off"}
    assert codes(diagnose(faults, replace(look, board=off))) == ["hardware/powered_off"]


@pytest.mark.parametrize("board", [None, {"unreachable": "takes too long"}])
def test_without_its_controllers_word_nothing_is_said(faults: Catalogue, board: dict[str, str] | None) -> None:
    assert codes(diagnose(faults, replace(FROZEN, board=board))) == []


def test_silence_is_the_machines_only_where_every_device_on_the_way_is_in_order(faults: Catalogue) -> None:
    """A connection that is taken proves the way; silence from the first packet on does not."""
    (router,) = SILENT.devices
    lost = replace(router, evidence=None, unreachable="10.66.0.2 port 22: no answer within 5 s")
    refused = replace(router, evidence=None, unreachable="10.66.0.2 port 22: refuses the login")
    unknown = replace(router, known_good_at=None)
    assert codes(diagnose(faults, SILENT)) == ["hardware/hung"]
    assert codes(diagnose(faults, replace(SILENT, devices=(lost,)))) == ["network/router_down"]
    for devices in ((refused,), (unknown,), ()):
        assert codes(diagnose(faults, replace(SILENT, devices=devices))) == []
        assert codes(diagnose(faults, replace(FROZEN, devices=devices))) == ["hardware/hung"]


def test_a_machine_in_critical_health_is_left_to_a_human(faults: Catalogue) -> None:
    cause = hung(faults, replace(FROZEN, board={**(FROZEN.board or {}), "health": "Critical"}))
    assert cause.remedies == ()
    assert "not restarted by a program" in cause.skipped[0][1]


def test_a_restart_needs_consent(faults: Catalogue) -> None:
    (item,) = plan.plan(diagnose(faults, FROZEN), PolicySettings())
    assert (item.decision, item.remedy.class_, item.remedy.on) == (plan.ASK, "power", "localhost")

"""The record of a way, and what holds it to the vocabulary of the controller."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import vantage_legs
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_imap import any_of, of_yesterday
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import LegFailed, Way, WayEnded
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_mail import TestMail, mail_token
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_names import nameservers

from pyremediate import model


def test_the_legs_on_the_hosts_are_those_of_the_controller() -> None:
    assert dict(model.LEGS) == vantage_legs.LEGS


def test_the_answers_on_the_hosts_are_those_of_the_controller() -> None:
    answers = {vantage_legs.PASS, vantage_legs.FAIL, vantage_legs.UNKNOWN, vantage_legs.IMPOSSIBLE}
    assert answers == {answer.value for answer in model.Answer}


def test_a_way_without_a_step_reports_every_planned_leg_as_not_reached() -> None:
    report = Way("retrieval").report()
    assert [line["name"] for line in report] == list(model.LEGS["retrieval"])
    assert {(line["answer"], line["detail"]) for line in report} == {("unknown", "not reached")}


def test_what_a_mail_user_cannot_see_is_not_planned() -> None:
    assert [line["name"] for line in Way("outbound").report()] == ["queue", "remote"]


def test_a_failed_leg_ends_the_way_and_is_what_it_stopped_at() -> None:
    way = Way("inbound")
    with pytest.raises(WayEnded), way.leg("connect"):
        raise LegFailed("refused: nobody listens")
    assert way.stopped() == "inbound.connect: refused: nobody listens"


def test_a_leg_that_is_being_walked_has_no_end_yet() -> None:
    way = Way("inbound")
    with contextlib.suppress(WayEnded), way.leg("banner"):
        line = next(line for line in way.report() if line["name"] == "banner")
    assert (line["answer"], line["detail"]) == ("unknown", "no end within the deadline")


def test_the_token_of_a_mail_is_unique_by_target_vantage_and_path_and_safe_to_quote() -> None:
    assert mail_token("t0ken", "mail 01", 'peer"01', "inbound") == "t0ken-mail_01-peer_01-inbound"


def test_test_mail_is_a_message_with_crlf_line_ends_within_the_limit_of_smtp() -> None:
    content = TestMail("inbound", "t0ken-" + "x" * 60, "probe@peer.test", "canary@lab.test").content()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998  # RFC 5322 2.1.1
    assert b"X-Pyremediate-Token: t0ken-" + b"x" * 60 in content


def test_only_what_is_older_than_a_day_is_stale_whatever_the_language_of_the_host() -> None:
    now = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
    assert of_yesterday(now).startswith("BEFORE 28-Feb-2026 ")


def test_or_takes_two_criteria_at_a_time() -> None:
    assert any_of(["A"]) == "A"
    assert any_of(["A", "B", "C"]) == "OR (A) (OR (B) (C))"


def test_the_resolvers_are_read_in_order_and_the_host_itself_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# nameserver 192.0.2.9\nsearch lab.test\nnameserver 192.0.2.1\n nameserver 192.0.2.2\n")
    assert nameservers(str(file)) == ["192.0.2.1", "192.0.2.2"]
    assert nameservers(str(tmp_path / "missing")) == ["127.0.0.1"]

"""What the module ``vantage`` says of a mail host, against small real servers that fail in one way each."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import vantage_names, vantage_net, vantage_smtp
from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import DnsAnswer
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_look import Look

from tests.unit import fake_mail
from tests.unit.fake_mail import HANG_UP, NAME, SILENCE, Authority, Imap, Smtp, Store

PASSWORD = "very-secret-word"
EVERY_PATH = ("inbound", "submission", "outbound", "retrieval")
DEFAULTS = {
    "target": "mail01", "vantage": "peer01", "host": NAME, "address": None, "domain": "lab.test", "exchangers": None,
    "resolver": "192.0.2.1", "ca_file": None, "sender": None, "helo": "peer.test", "token": "t0ken",
    "require_tls": False, "wait": 0.5, "connect_timeout": 0.5, "command_timeout": 0.5, "deadline": 25.0, "awaited": None,
}  # fmt: skip


def mailbox(address: str) -> dict[str, Any]:
    return {"address": address, "username": address, "password": PASSWORD}


@dataclass
class World:
    """A mail host, a peer, and the names that DNS knows."""

    authority: Authority
    smtp: Smtp
    submission: Smtp
    imap: Imap
    peer_imap: Imap
    names: dict[tuple[str, str], DnsAnswer] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def look(self, *paths: str, **options: Any) -> Seen:
        peer = {
            **mailbox("probe@peer.test"),
            "imap_host": "mx.peer.test",
            "imap_address": "127.0.0.1",
            "imap_port": self.ports["peer_imap"],
        }
        asked = {
            **DEFAULTS,
            "ca_pem": self.authority.pem,
            "paths": list(paths),
            "canary": mailbox("canary@lab.test"),
            "peer": peer,
            "smtp_port": self.ports["smtp"],
            "submission_port": self.ports["submission"],
            "imap_port": self.ports["imap"],
        }
        return Seen(Look({**asked, **options}).run())


class Seen:
    """The module's answer, with the legs by name."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.legs = {f"{leg['path']}.{leg['name']}": leg for leg in answer["legs"]}
        self.mails = {mail["path"]: mail for mail in answer["mails"]}

    def answers(self) -> dict[str, str]:
        return {name: leg["answer"] for name, leg in self.legs.items()}

    def first_failing(self, path: str) -> tuple[str, str]:
        leg = next(leg for leg in self.answer["legs"] if leg["path"] == path and leg["answer"] != "pass")
        assert leg["answer"] == "fail", leg
        return leg["name"], leg["detail"]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def world(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    context = authority.server()
    mailbox, outside = Store(), Store()
    world = World(
        authority=authority,
        smtp=Smtp(context, mailbox),
        submission=Smtp(context, outside),
        imap=Imap(context, mailbox),
        peer_imap=Imap(authority.server("mx.peer.test"), outside),
        names={
            (NAME, "A"): DnsAnswer("pass", ["127.0.0.1"]),
            ("lab.test", "MX"): DnsAnswer("pass", [f"10 {NAME}."]),
        },
    )

    def query(name: str, kind: str, server: str, timeout: float) -> DnsAnswer:
        unknown_name = DnsAnswer("fail", [], "NXDOMAIN", f"{server} says that {name} does not exist")
        return world.names.get((name, kind), unknown_name)

    monkeypatch.setattr(vantage_names, "query", query)
    monkeypatch.setattr(vantage_smtp, "GREET_WAIT", 0.5)
    with contextlib.ExitStack() as ends:
        for name in ("smtp", "submission", "imap", "peer_imap"):
            world.ports[name] = fake_mail.listen(getattr(world, name).serve, ends)
        yield world


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_healthy_host_passes_every_leg_and_both_mails_arrive(world: World) -> None:
    seen = world.look(*EVERY_PATH)
    assert set(seen.answers().values()) == {"pass"}, seen.answer["legs"]
    assert [(mail["path"], mail["answer"], mail["accepted"]) for mail in seen.answer["mails"]] == [
        ("inbound", "pass", True),
        ("outbound", "pass", True),
    ]
    assert seen.mails["inbound"]["queue_id"] == "2.0.0 Ok: queued as 4ABC"


def test_the_legs_are_reported_in_the_order_of_the_way(world: World) -> None:
    names = [leg["name"] for leg in world.look("inbound").answer["legs"]]
    assert names == [
        "resolve", "route", "connect", "banner", "starttls", "recipient", "content", "delivery", "retrieval",
    ]  # fmt: skip


def test_a_healthy_look_is_quick(world: World) -> None:
    assert world.look(*EVERY_PATH).answer["seconds"] < 1.0


def test_the_test_mail_is_removed_from_both_mailboxes_and_other_mail_is_not(world: World) -> None:
    for store in (world.imap.store, world.peer_imap.store):
        store.deliver(b"Subject: a user's own mail\r\n\r\nhello\r\n", old=True)
        store.deliver(b"X-Pyremediate-Token: of-another-run\r\n\r\n\r\n")
        store.deliver(b"X-Pyremediate-Token: of-last-week\r\n\r\n\r\n", old=True)
    world.look(*EVERY_PATH)
    for store in (world.imap.store, world.peer_imap.store):
        assert [message.content.split(b"\r\n")[0] for message in store.messages] == [
            b"Subject: a user's own mail",
            b"X-Pyremediate-Token: of-another-run",
        ]


def test_each_mailbox_is_logged_into_once(world: World) -> None:
    world.look(*EVERY_PATH)
    assert (world.imap.store.logins, world.peer_imap.store.logins) == (1, 1)
    assert len([line for line in world.submission.commands if "AUTH" in line]) == 1


def test_the_test_mail_asks_nobody_to_answer_it(world: World) -> None:
    world.look(*EVERY_PATH)
    for content in (*world.smtp.received, *world.submission.received):
        assert b"Auto-Submitted: auto-generated\r\n" in content
        assert b"X-Loop: " in content
        assert b"X-Pyremediate-Token: t0ken-mail01-peer01-" in content


def test_a_bounce_of_inbound_test_mail_does_not_go_to_the_sender(world: World) -> None:
    world.look("inbound")
    rcpt = next(line for line in world.smtp.commands if "rcpt" in line.lower())
    assert rcpt.endswith("<canary@lab.test> NOTIFY=NEVER")


def test_no_password_is_in_the_answer(world: World) -> None:
    world.submission.replies = {"AUTH": "535 5.7.8 no"}
    world.imap.replies = {"LOGIN": "NO no"}
    assert PASSWORD not in json.dumps(world.look(*EVERY_PATH).answer)


def test_no_password_is_sent_without_tls(world: World) -> None:
    world.submission.clear_extensions = ("AUTH PLAIN LOGIN",)
    seen = world.look("submission")
    assert seen.first_failing("submission") == ("starttls", "STARTTLS is not offered")
    assert not [line for line in world.submission.commands if "AUTH" in line]


@pytest.mark.parametrize(
    ("name", "days", "said"), [(NAME, (-90, -1), "expired"), ("other.lab.test", (-30, 90), "mismatch")]
)
def test_a_bad_certificate_fails_the_leg_on_every_port_and_no_password_is_sent(
    world: World, name: str, days: tuple[int, int], said: str
) -> None:
    context = world.authority.server(name, days)
    world.smtp.context = world.submission.context = world.imap.context = context
    seen = world.look(*EVERY_PATH)
    for path in ("inbound", "submission", "retrieval"):
        leg, detail = seen.first_failing(path)
        assert leg == "starttls"
        assert said in detail.lower()
        assert NAME in detail
    assert not [line for line in world.submission.commands if "AUTH" in line]
    assert world.imap.store.logins == 0


def test_a_certificate_of_an_unknown_authority_fails(world: World, tmp_path: Path) -> None:
    world.imap.context = Authority(tmp_path).server()
    leg, detail = world.look("retrieval").first_failing("retrieval")
    assert leg == "starttls"
    assert detail.startswith(f"certificate not valid for {NAME}: ")


def test_starttls_that_is_not_offered_on_port_25_passes_and_is_mentioned(world: World) -> None:
    world.smtp.clear_extensions = ()
    leg = world.look("inbound").legs["inbound.starttls"]
    assert (leg["answer"], leg["detail"]) == ("pass", "STARTTLS is not offered: mail comes in clear")


def test_starttls_that_is_not_offered_fails_where_it_is_required(world: World) -> None:
    world.smtp.clear_extensions = ()
    assert world.look("inbound", require_tls=True).first_failing("inbound")[0] == "starttls"


def test_starttls_that_is_offered_and_refused_fails_with_the_reply(world: World) -> None:
    world.smtp.replies = {"STARTTLS": "454 4.7.0 TLS not available due to local problem"}
    seen = world.look("inbound")
    assert seen.first_failing("inbound") == ("starttls", "454 4.7.0 TLS not available due to local problem")
    assert seen.legs["inbound.starttls"]["code"] == 454


def test_a_closed_port_is_refused(world: World) -> None:
    leg, detail = world.look("inbound", smtp_port=closed_port()).first_failing("inbound")
    assert leg == "connect"
    assert detail.startswith("refused: ")


def test_a_port_that_never_greets_is_a_timeout_of_the_banner(world: World) -> None:
    world.smtp.replies = {"banner": SILENCE}
    assert world.look("inbound").first_failing("inbound") == ("banner", "timeout: connected, and no answer")


def test_a_server_that_hangs_up_is_told_from_a_silent_one(world: World) -> None:
    world.submission.replies = {"banner": HANG_UP}
    leg, detail = world.look("submission").first_failing("submission")
    assert (leg, detail) == ("banner", "the server closed the connection without an answer")


def test_a_421_greeting_keeps_code_and_words(world: World) -> None:
    world.smtp.replies = {"banner": "421 4.3.2 All server ports are busy"}
    seen = world.look("inbound")
    assert seen.first_failing("inbound") == ("banner", "421 4.3.2 All server ports are busy")
    assert seen.legs["inbound.banner"]["code"] == 421


def test_something_else_than_smtp_on_the_port_is_said(world: World) -> None:
    world.smtp.replies = {"banner": "SSH-2.0-OpenSSH_9.2"}
    leg, detail = world.look("inbound").first_failing("inbound")
    assert leg == "banner"
    assert detail.startswith("not an SMTP reply")


def test_a_refused_ehlo_belongs_to_the_banner(world: World) -> None:
    refusal = "451 4.7.1 Service unavailable - try again later"
    world.smtp.replies = {"EHLO": refusal}
    assert world.look("inbound").first_failing("inbound") == ("banner", refusal)


@pytest.mark.parametrize(
    ("verb", "reply", "leg"),
    [
        ("MAIL", "451 4.7.1 Service unavailable - try again later", "recipient"),
        ("RCPT", "550 5.1.1 User unknown in virtual mailbox table", "recipient"),
        ("RCPT", "450 4.2.0 Greylisted", "recipient"),
        ("DATA", "451 4.3.0 Error: queue file write error", "content"),
        ("content", "451 4.3.0 Error: queue file write error", "content"),
        ("content", "554 5.7.1 Spam message rejected", "content"),
    ],
)
def test_a_refusal_is_the_failure_of_its_leg(world: World, verb: str, reply: str, leg: str) -> None:
    world.smtp.replies = {verb: reply}
    seen = world.look("inbound")
    assert seen.first_failing("inbound") == (leg, reply)
    assert seen.legs[f"inbound.{leg}"]["code"] == int(reply[:3])
    assert seen.mails["inbound"]["answer"] == "fail"
    assert seen.mails["inbound"]["accepted"] is False


def test_legs_after_the_first_failure_are_unknown_and_say_why(world: World) -> None:
    world.smtp.replies = {"RCPT": "450 4.2.0 Greylisted"}
    seen = world.look("inbound")
    later = [seen.legs[f"inbound.{name}"] for name in ("content", "delivery", "retrieval")]
    assert {(leg["answer"], leg["detail"]) for leg in later} == {("unknown", "not reached")}


def test_a_refused_login_fails_the_submission_at_auth_and_leaves_outbound_unknown(world: World) -> None:
    world.submission.replies = {"AUTH": "535 5.7.8 Error: authentication failed"}
    seen = world.look("submission", "outbound")
    assert seen.first_failing("submission") == ("auth", "535 5.7.8 Error: authentication failed")
    assert seen.legs["outbound.queue"]["answer"] == "unknown"
    assert "submission.auth: 535" in seen.legs["outbound.queue"]["detail"]


def test_a_server_without_auth_is_told_from_a_wrong_password(world: World) -> None:
    world.submission.extensions = ("DSN",)
    assert "not offered" in world.look("submission").first_failing("submission")[1]


def test_mail_that_was_accepted_and_never_arrives_fails_the_delivery_with_its_queue_id(world: World) -> None:
    world.imap.store.arriving = False
    seen = world.look("inbound")
    leg, detail = seen.first_failing("inbound")
    assert leg == "delivery"
    assert "queued as 4ABC" in detail
    assert (seen.mails["inbound"]["answer"], seen.mails["inbound"]["accepted"]) == ("fail", True)


def awaited(seen: Seen) -> list[dict[str, Any]]:
    return [{key: mail[key] for key in ("path", "token", "queue_id", "accepted_at")} for mail in seen.answer["mails"]]


def test_mail_that_came_after_the_look_is_found_by_one_that_goes_on_waiting_for_it(world: World) -> None:
    world.imap.store.arriving = world.peer_imap.store.arriving = False
    first = world.look("inbound", "submission", "outbound", wait=0.0)
    world.imap.store.arriving = world.peer_imap.store.arriving = True
    for store, mail in zip((world.imap.store, world.peer_imap.store), first.answer["mails"], strict=True):
        store.deliver(b"X-Pyremediate-Token: %b\r\n\r\n" % mail["token"].encode())
    connections = world.smtp.commands.copy()
    seen = world.look(awaited=awaited(first), wait=30.0)
    assert seen.answers() == {"inbound.delivery": "pass", "inbound.retrieval": "pass", "outbound.remote": "pass"}
    assert [(mail["answer"], mail["token"]) for mail in seen.answer["mails"]] == [
        ("pass", mail["token"]) for mail in first.answer["mails"]
    ]
    assert world.smtp.commands == connections, "it sent something"
    assert world.imap.store.messages == world.peer_imap.store.messages == []


def test_mail_is_waited_for_from_its_acceptance_on(world: World) -> None:
    world.imap.store.arriving = False
    first = world.look("inbound", wait=0.0)
    old = [{**mail, "accepted_at": mail["accepted_at"] - 60} for mail in awaited(first)]
    seen = world.look(awaited=old, wait=60.0)
    assert seen.first_failing("inbound")[0] == "delivery"
    assert seen.answer["seconds"] < 30.0


def test_a_look_that_waits_for_nothing_looks_at_nothing(world: World) -> None:
    seen = world.look("inbound", awaited=[])
    assert (seen.answer["legs"], seen.answer["mails"], world.imap.store.logins) == ([], [], 0)


def test_mail_that_comes_while_a_look_ends_is_left_for_the_one_that_goes_on_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = Look._fate

    def late(look: Look, path: str) -> Any:
        world.imap.store.arriving = True
        world.imap.store.deliver(b"X-Pyremediate-Token: %b\r\n\r\n" % look.mails[path].token.encode())
        return ending(look, path)

    world.imap.store.arriving = False
    monkeypatch.setattr(Look, "_fate", late)
    first = world.look("inbound", wait=0.0)
    monkeypatch.undo()
    assert first.mails["inbound"]["answer"] == "fail"
    assert len(world.imap.store.messages) == 1


def test_mail_that_never_reaches_the_peer_fails_outbound(world: World) -> None:
    world.peer_imap.store.arriving = False
    seen = world.look("outbound")
    assert seen.legs["outbound.queue"]["answer"] == "pass"
    assert seen.first_failing("outbound")[0] == "remote"


def test_mail_that_comes_back_says_what_the_remote_server_said(world: World) -> None:
    world.peer_imap.store.arriving = False
    bounce = (
        b"From: MAILER-DAEMON\r\nSubject: Undelivered\r\n\r\n"
        b"Diagnostic-Code: smtp; 550 5.7.1 <probe@peer.test>: relay\r\n    access denied\r\n\r\n"
        b"X-Pyremediate-Token: t0ken-mail01-peer01-outbound\r\n"
    )
    world.imap.store.deliver(bounce)
    detail = world.look("outbound").first_failing("outbound")[1]
    assert detail == "it came back: smtp; 550 5.7.1 <probe@peer.test>: relay access denied"
    assert world.imap.store.messages == []


def test_a_peer_that_cannot_be_looked_into_leaves_the_mail_host_unjudged(world: World) -> None:
    world.ports["peer_imap"] = closed_port()
    seen = world.look("submission", "outbound")
    assert seen.legs["submission.content"]["answer"] == "pass"
    assert seen.legs["outbound.remote"]["answer"] == "unknown"
    assert "refused" in seen.legs["outbound.remote"]["detail"]


def test_a_peer_that_stops_answering_leaves_the_mail_host_unjudged(world: World) -> None:
    world.peer_imap.replies = {"UID SEARCH": "NO [SERVERBUG] Internal error occurred."}
    leg = world.look("outbound").legs["outbound.remote"]
    assert leg["answer"] == "unknown"
    assert "Internal error" in leg["detail"]


def test_a_denied_imap_login_makes_delivery_unknown_and_retrieval_fail(world: World) -> None:
    world.imap.replies = {"LOGIN": "NO [AUTHENTICATIONFAILED] Authentication failed."}
    seen = world.look("inbound", "retrieval")
    assert seen.first_failing("retrieval") == ("auth", "[AUTHENTICATIONFAILED] Authentication failed.")
    assert (seen.legs["inbound.delivery"]["answer"], seen.legs["inbound.retrieval"]["answer"]) == ("unknown", "fail")
    assert "Authentication failed" in seen.legs["inbound.retrieval"]["detail"]
    assert (seen.mails["inbound"]["answer"], seen.mails["inbound"]["accepted"]) == ("unknown", True)


def test_an_imap_server_that_says_bye_fails_the_banner(world: World) -> None:
    world.imap.replies = {"greeting": "* BYE Too many connections"}
    leg, detail = world.look("retrieval").first_failing("retrieval")
    assert leg == "banner"
    assert "Too many connections" in detail


def test_a_mailbox_that_cannot_be_selected_fails_the_fetch(world: World) -> None:
    world.imap.replies = {"SELECT": "NO [SERVERBUG] Internal error occurred."}
    assert world.look("retrieval").first_failing("retrieval") == ("fetch", "NO [SERVERBUG] Internal error occurred.")


def test_the_largest_packet_that_passes_is_told_once_for_each_way(world: World) -> None:
    seen = world.look("inbound", "retrieval")
    told = {name: leg["path_mtu"] for name, leg in seen.legs.items() if leg["path_mtu"] is not None}
    assert set(told) == {"inbound.connect", "retrieval.connect"}
    assert min(told.values()) > vantage_net.SMALL_PACKET  # the loopback's own


def test_a_network_that_loses_large_packets_is_told_from_a_server_that_hangs(world: World) -> None:
    for server in (world.smtp, world.imap):
        server.passes = vantage_net.SMALL_SEGMENT
    seen = world.look()
    words = "timeout: the TLS handshake was not answered: packets of 576 bytes pass, and larger ones are lost on the way"
    for path in ("inbound", "retrieval"):
        assert seen.first_failing(path) == ("starttls", words)
        assert seen.legs[f"{path}.connect"]["path_mtu"] == 576
    assert seen.answers()["submission.starttls"] == "pass"


def test_a_server_that_hangs_for_small_packets_too_hangs(world: World) -> None:
    world.imap.passes = 0
    seen = world.look()
    assert seen.first_failing("retrieval") == ("starttls", "timeout: the TLS handshake was not answered")
    assert seen.legs["retrieval.connect"]["path_mtu"] != 576


def test_a_test_mail_fills_a_packet(world: World) -> None:
    world.look("inbound")
    (content,) = world.smtp.received
    assert len(content) > 1500


def test_without_paths_no_mail_is_sent_and_nobody_logs_in(world: World) -> None:
    seen = world.look()
    assert set(seen.answers().values()) == {"pass"}
    assert sorted(seen.legs) == sorted(
        f"{path}.{name}"
        for path in ("inbound", "submission", "retrieval")
        for name in ("resolve", "route", "connect", "banner", "starttls")
    )
    assert seen.answer["mails"] == []
    assert (world.smtp.received, world.imap.store.logins) == ([], 0)
    assert not [line for line in world.submission.commands if "AUTH" in line]


def test_without_a_canary_what_needs_it_cannot_be_known(world: World) -> None:
    seen = world.look("submission", "retrieval", canary=None)
    for path, needed in (("submission", 5), ("retrieval", 5)):
        answers = [leg["answer"] for leg in seen.answer["legs"] if leg["path"] == path]
        assert answers == ["pass"] * needed + ["impossible"] * (len(answers) - needed)


def test_without_a_login_of_the_canary_inbound_mail_is_sent_and_its_arrival_cannot_be_known(world: World) -> None:
    seen = world.look("inbound", canary={"address": "canary@lab.test", "username": None, "password": None})
    assert seen.legs["inbound.content"]["answer"] == "pass"
    assert seen.legs["inbound.delivery"]["answer"] == "impossible"
    assert seen.legs["inbound.retrieval"]["answer"] == "impossible"
    assert seen.mails["inbound"]["answer"] == "unknown"


def test_without_a_peer_submission_is_tried_up_to_the_login_and_outbound_cannot_be_known(world: World) -> None:
    seen = world.look("submission", "outbound", peer=None)
    assert seen.legs["submission.auth"]["answer"] == "pass"
    for leg in ("submission.recipient", "submission.content", "outbound.queue", "outbound.remote"):
        assert seen.legs[leg]["answer"] == "impossible", leg


def test_a_domain_whose_mail_goes_elsewhere_fails_to_resolve(world: World) -> None:
    world.names["lab.test", "MX"] = DnsAnswer("pass", ["10 old.lab.test."])
    leg, detail = world.look("inbound").first_failing("inbound")
    assert leg == "resolve"
    assert detail.startswith(f"mail for lab.test goes to old.lab.test, not to {NAME}; ")


def test_a_host_behind_a_gateway_has_the_gateway_for_its_exchanger(world: World) -> None:
    world.names["lab.test", "MX"] = DnsAnswer("pass", ["10 Gateway.lab.test."])
    assert world.look("inbound", exchangers=["gateway.lab.test"]).legs["inbound.resolve"]["answer"] == "pass"


def test_a_domain_that_takes_no_mail_says_so(world: World) -> None:
    world.names["lab.test", "MX"] = DnsAnswer("pass", ["0 ."])
    assert "null MX" in world.look("inbound").first_failing("inbound")[1]


def test_a_domain_without_mx_is_its_own_exchanger(world: World) -> None:
    del world.names["lab.test", "MX"]
    assert world.look("inbound").first_failing("inbound")[0] == "resolve"
    world.names["lab.test", "A"] = DnsAnswer("pass", ["127.0.0.1"])
    assert world.look("inbound", exchangers=["lab.test"]).legs["inbound.resolve"]["answer"] == "pass"


def test_a_name_that_does_not_exist_fails_even_with_a_configured_address(world: World) -> None:
    del world.names[NAME, "A"]
    leg, detail = world.look("submission", address="127.0.0.1").first_failing("submission")
    assert leg == "resolve"
    assert "does not exist" in detail


def test_a_host_inside_need_not_know_the_names_of_the_outside(world: World) -> None:
    world.names.clear()
    seen = world.look(address="127.0.0.1")
    assert seen.legs["inbound.resolve"]["answer"] == "impossible"
    assert seen.legs["inbound.starttls"]["answer"] == "pass"


def test_a_silent_resolver_is_unknown_and_the_configured_address_is_tried(world: World) -> None:
    world.names[NAME, "A"] = DnsAnswer("unknown", [], "TIMEOUT", "no answer from 192.0.2.1")
    seen = world.look("retrieval", address="127.0.0.1")
    assert seen.legs["retrieval.resolve"]["answer"] == "unknown"
    assert seen.legs["retrieval.fetch"]["answer"] == "pass"


def test_another_address_than_the_configured_one_is_no_failure(world: World) -> None:
    world.names[NAME, "A"] = DnsAnswer("pass", ["192.0.2.7"])
    leg = world.look("retrieval", address="127.0.0.1").legs["retrieval.resolve"]
    assert leg["answer"] == "pass"
    assert "192.0.2.7; looked at the configured address 127.0.0.1" in leg["detail"]


def test_the_deadline_ends_the_look_and_says_which_leg_had_not_ended(world: World) -> None:
    world.smtp.replies = {"RCPT": SILENCE}
    began = time.monotonic()
    seen = world.look("inbound", "retrieval", command_timeout=20.0, deadline=4.0)
    assert time.monotonic() - began < 4.5
    leg = seen.legs["inbound.recipient"]
    assert (leg["answer"], leg["detail"]) == ("unknown", "no end within the deadline")
    assert seen.legs["retrieval.fetch"]["answer"] == "pass"


def test_our_own_mistake_is_not_a_finding_about_the_mail_host(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vantage_net, "check_route", lambda *_: 1 / 0)
    leg = world.look("inbound").legs["inbound.route"]
    assert (leg["answer"], leg["detail"]) == ("unknown", "could not look: ZeroDivisionError: division by zero")


def test_the_reason_that_outbound_gives_is_the_leg_at_which_submission_ended(world: World) -> None:
    world.names[NAME, "A"] = DnsAnswer("unknown", [], "TIMEOUT", "no answer from 192.0.2.1")
    world.submission.replies = {"RCPT": "554 5.7.1 Relay access denied"}
    seen = world.look("outbound", address="127.0.0.1")
    assert "submission.recipient: 554" in seen.legs["outbound.queue"]["detail"]
    assert seen.mails["outbound"]["detail"].startswith("outbound.queue: ")

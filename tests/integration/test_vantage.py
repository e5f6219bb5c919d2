"""What the vantage points say of a real mail host: all well when it is, else the right leg. Nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest

from pyremediate.ansible import plays
from pyremediate.looking.look import VANTAGE
from pyremediate.request import AnsibleOptions
from tests.integration.world import INVENTORY, World

pytestmark = pytest.mark.lab


class Seen:
    """The answers of every vantage point, by leg and by mail."""

    def __init__(self, host: str) -> None:
        variables = {"pyremediate_target": host, "pyremediate_mail_wait": 4}
        play = plays.Play("vantage", variables, AnsibleOptions(inventory=(INVENTORY,)))
        results = plays.run(play).by_action(VANTAGE)
        items = [item for task in results for item in task.data.get("results", [])]
        self.answers: list[dict[str, Any]] = [item["vantage"] for item in items if "vantage" in item]
        assert {answer["vantage"] for answer in self.answers} == VANTAGES, results  # who could not look saw no failure
        legs = [(answer["vantage"], leg) for answer in self.answers for leg in answer["legs"]]
        self.legs = {(vantage, f"{leg['path']}.{leg['name']}"): leg for vantage, leg in legs}
        self.mails = {mail["path"]: mail for answer in self.answers for mail in answer["mails"]}

    def failing(self) -> dict[tuple[str, str], str]:
        """Which leg fails where, in which words."""
        return {place: leg["detail"] for place, leg in self.legs.items() if leg["answer"] == "fail"}


def mails_left(world: World) -> list[str]:
    """The files of this host's test mail in the canary's mailbox and the peer's; Dovecot's indexes are no mail."""
    boxes = {world.host: "/var/vmail/lab.test/canary/Maildir", "peer01": "/var/vmail/peer.test/probe/Maildir"}
    find = ["grep", "-rl", f"^X-Pyremediate-Token:.*-{world.host}-"]
    found = [world.on(host, *find, f"{box}/cur", f"{box}/new", check=False) for host, box in boxes.items()]
    return "".join(found).split()


def test_a_healthy_host_passes_every_leg_from_everywhere_and_no_test_mail_is_left(world: World) -> None:
    world.reset()
    seen = Seen(world.host)
    assert {leg["answer"] for leg in seen.legs.values()} == {"pass"}, list(seen.legs.values())
    assert {path: mail["answer"] for path, mail in seen.mails.items()} == {"inbound": "pass", "outbound": "pass"}
    assert mails_left(world) == []


WRONG_TRANSPORT = "postconf virtual_transport=lmtp:unix:private/nowhere; postfix reload"
LOOPBACK_ONLY = "postconf inet_interfaces=loopback-only; postfix stop; postfix start"
OTHER_PASSWORD = "sed -i s/pw-canary/another/ /etc/dovecot/users; systemctl restart dovecot"
VANTAGES = {"localhost", "client01", "peer01"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("systemctl stop postfix", {("peer01", "inbound.connect"): "refused: "}),
        (
            "systemctl stop dovecot",
            {("client01", "submission.auth"): "closed the connection", ("client01", "retrieval.connect"): "refused: "},
        ),
        ("systemctl stop rspamd", {("peer01", "inbound.starttls"): "454 4.3.0"}),
        ("nft insert rule inet filter input tcp dport 25 drop", {("peer01", "inbound.connect"): "timeout: "}),
        (WRONG_TRANSPORT, {("peer01", "inbound.delivery"): "queued as"}),
        (LOOPBACK_ONLY, {("client01", "submission.connect"): "refused: "}),
        (
            OTHER_PASSWORD,
            {("client01", "submission.auth"): "535 ", ("client01", "retrieval.auth"): "AUTHENTICATIONFAILED"},
        ),
    ],
)
def test_what_is_broken_fails_its_own_leg_in_words_that_say_why(
    world: World, command: str, expected: dict[tuple[str, str], str]
) -> None:
    world.reset()
    world.on(world.host, command)
    failing = Seen(world.host).failing()
    for place, words in expected.items():
        assert words in failing.get(place, ""), failing

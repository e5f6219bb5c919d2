"""Where the break is follows from what several vantage points see apart from each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pyremediate.diagnosis.matrix import Point, located, matrix, points
from pyremediate.model import LEGS, Answer, Leg, Look
from tests.unit.looks import look

SILENCE = "timeout: 10.0.2.10 port 25 does not answer within 3 s (firewall, or nobody there)"
REFUSED = "refused: 10.0.2.10 port 25 is reached, and nothing listens there (or a firewall rejects)"


def way(path: str, vantage: str, stop: str = "", detail: str = "") -> list[Leg]:
    """A way that was walked up to a leg, or to its end."""
    names = LEGS[path]
    place = names.index(stop) if stop else len(names)
    answers = [Answer.PASS] * place + [Answer.FAIL] * (place < len(names)) + [Answer.UNKNOWN] * (len(names) - place - 1)
    details = [
        "not reached" if answer is Answer.UNKNOWN else detail if answer is Answer.FAIL else "" for answer in answers
    ]
    return [Leg(path, *each) for each in zip(names, answers, [vantage] * len(names), details, strict=True)]


def seen(*ways: list[Leg], inside: bool = True) -> Look:
    return look({} if inside else None, [leg for each in ways for leg in each])


def test_each_way_of_each_vantage_point_is_one_cell_with_how_far_it_came() -> None:
    cells = matrix(
        [*way("retrieval", "client01"), *way("inbound", "peer01", "recipient", "550 no"), *way("inbound", "localhost")]
    )
    assert [(cell.path, cell.vantage) for cell in cells] == [
        ("inbound", "localhost"),
        ("inbound", "peer01"),
        ("retrieval", "client01"),
    ]
    assert [(cell.answer, cell.reached, cell.stopped) for cell in cells] == [
        (Answer.PASS, "retrieval", ""),
        (Answer.FAIL, "starttls", "recipient"),
        (Answer.PASS, "fetch", ""),
    ]


def test_each_cell_knows_the_largest_packet_of_its_way() -> None:
    legs = [replace(leg, path_mtu=1400 if leg.name == "connect" else None) for leg in way("inbound", "peer01")]
    assert [cell.path_mtu for cell in matrix([*legs, *way("retrieval", "client01")])] == [1400, None]


def test_where_everything_passes_there_is_no_break() -> None:
    assert located(seen(way("inbound", "peer01"))).where == "nowhere"


def test_where_nobody_looked_nothing_is_known() -> None:
    assert located(seen()).where == "unknown"


@pytest.mark.parametrize(
    ("leg", "detail"), [("connect", REFUSED), ("banner", "timeout: no banner"), ("delivery", "timeout: late")]
)
def test_a_host_that_answers_anybody_is_itself_the_place(leg: str, detail: str) -> None:
    found = located(seen(way("inbound", "peer01", leg, detail), way("inbound", "localhost", "connect", SILENCE)))
    assert found.where == "host"


def test_a_host_that_takes_connections_and_never_says_a_word_is_told_as_such() -> None:
    mute = way("inbound", "peer01", "banner", "timeout: connected, and no answer")
    assert "says not a word" in located(seen(mute, inside=False)).sentence
    assert "says not a word" not in located(seen(mute, way("retrieval", "client01"))).sentence


def test_packets_that_are_lost_for_their_size_are_lost_in_the_network() -> None:
    words = "timeout: the TLS handshake was not answered: packets of 576 bytes pass, and larger ones are lost on the way"
    lost = way("inbound", "peer01", "starttls", words)
    found = located(seen(lost, way("inbound", "localhost")))
    assert found.where == "network"
    assert found.sentence == "Large packets are lost between peer01 and the host, while small ones pass."
    assert located(seen(lost, way("retrieval", "client01", "connect", REFUSED))).where == "host"


def test_who_could_look_is_who_sent_the_host_something() -> None:
    legs = [
        *way("inbound", "lost", "route", "no route to 10.0.2.10"),
        *way("inbound", "mute", "banner", "timeout: connected, and no answer"),
        *way("inbound", "shut", "connect", SILENCE),
        *way("inbound", "refused", "connect", REFUSED),
        *way("inbound", "through", "recipient", "550 no"),
        *way("outbound", "inside", "remote", "timeout: the peer is silent"),
    ]
    assert points(legs) == (
        Point("mute", connects=True, hears=False),
        Point("shut", connects=False, hears=False),
        Point("refused", connects=False, hears=True),
        Point("through", connects=True, hears=True),
    )


def test_silence_for_some_and_an_answer_for_others_is_the_network_between() -> None:
    found = located(seen(way("inbound", "peer01", "connect", SILENCE), way("inbound", "localhost")))
    assert found.where == "network"
    assert "peer01 gets no answer, while localhost reaches" in found.sentence


def test_silence_for_the_controller_alone_is_the_controllers_own_trouble() -> None:
    found = located(seen(way("inbound", "localhost", "connect", SILENCE), way("inbound", "peer01")))
    assert (found.where, "peer01 does" in found.sentence) == ("controller", True)


def test_silence_for_all_is_the_mail_network_when_the_host_can_be_looked_at_and_unknown_otherwise() -> None:
    ways = (
        way("inbound", "peer01", "route", "no route to 10.0.2.10: Network is unreachable"),
        way("inbound", "localhost", "connect", SILENCE),
    )
    assert located(seen(*ways)).where == "network"
    assert located(seen(*ways, inside=False)).where == "unknown"


def test_names_that_lead_nowhere_are_told_apart_from_a_way_that_is_cut() -> None:
    everybody = located(
        seen(way("inbound", "peer01", "resolve", "NXDOMAIN"), way("inbound", "localhost", "resolve", "NXDOMAIN"))
    )
    one = located(seen(way("inbound", "peer01", "resolve", "NXDOMAIN"), way("inbound", "localhost")))
    assert (everybody.where, one.where) == ("names", "names")
    assert "no vantage point finds" in everybody.sentence
    assert "peer01 alone cannot find" in one.sentence


def test_the_hosts_own_way_out_says_nothing_of_the_way_to_it() -> None:
    only_out = seen(way("outbound", "client01", "remote", "timeout: the peer is silent"), way("inbound", "peer01"))
    assert located(only_out).where == "nowhere"


def test_a_leg_that_cannot_be_known_is_no_failure() -> None:
    legs = [replace(leg, answer=Answer.IMPOSSIBLE) for leg in way("submission", "localhost")]
    (cell,) = matrix(legs)
    assert cell.answer is Answer.IMPOSSIBLE

"""Who reaches what, as a picture: what is drawn is what was seen, for eyes and for who hears it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from pyremediate.diagnosis import matrix
from pyremediate.model import Answer, Leg
from pyremediate.report import picture
from tests.unit.looks import look

SVG = "{http://www.w3.org/2000/svg}"
LEGS = [
    Leg("inbound", "resolve", Answer.PASS, "peer01", seconds=0.01),
    Leg("inbound", "connect", Answer.PASS, "peer01", path_mtu=1500),
    Leg("inbound", "banner", Answer.FAIL, "peer01", "timeout: connected, and no answer"),
    Leg("inbound", "starttls", Answer.UNKNOWN, "peer01", "not reached"),
    Leg("retrieval", "connect", Answer.PASS, "<client & co>", seconds=0.012, path_mtu=1400),
]


def drawn(*legs: Leg, **changes: Any) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg({**(matrix.told(look({}, legs)) or {}), **changes}))


def texts(root: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in root.iter(f"{SVG}text")]


def signs(root: ElementTree.Element) -> list[str]:
    return [str(each.text) for group in root.iter(f"{SVG}g") for each in group.iter(f"{SVG}title")]


def test_each_leg_has_a_sign_and_the_one_that_breaks_the_way_has_its_own() -> None:
    root = drawn(*LEGS)
    assert signs(root)[:5] == ["connect: pass", "resolve: pass", "connect: pass", "banner: fail", "starttls: unknown"]
    crosses = [each.get("class") for each in root.iter(f"{SVG}path")]
    assert crosses == ["fail", "fail"]  # the second is the legend's
    assert "stopped at banner" in texts(root)


def test_a_way_that_passes_says_how_fast_and_how_large() -> None:
    assert "passes, 12 ms, packets of 1400" in texts(drawn(*LEGS))


def test_the_chain_ends_where_the_way_does() -> None:
    lines = [each for each in drawn(*LEGS).iter(f"{SVG}line") if each.get("class") == "way"]
    (chain,) = lines  # of one leg alone there is none
    assert int(chain.get("x2", "")) - int(chain.get("x1", "")) == 2 * picture.STEP


def test_who_hears_it_is_told_all_that_is_drawn() -> None:
    root = drawn(*LEGS)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    description = str(root.findtext(f"{SVG}desc"))
    assert "peer01, inbound: stopped at banner." in description
    assert "<client & co>, retrieval: passes, 12 ms, packets of 1400." in description


def test_nothing_that_was_said_becomes_markup_and_nothing_runs() -> None:
    root = drawn(*LEGS, sentence="<script>alert(1)</script> & more")
    assert not list(root.iter(f"{SVG}script"))
    assert "<client & co>" in texts(root)
    assert "<script>alert(1)</script> & more" in texts(root)


def test_a_long_sentence_is_within_the_picture() -> None:
    root = drawn(*LEGS, sentence="word " * 120)
    height = int(root.get("height", ""))
    places = [int(each.get("y", "")) for each in root.iter(f"{SVG}text")]
    assert max(places) < height
    assert max(len(text) for text in texts(root)) <= picture.LINE


def test_it_is_read_in_the_dark_too() -> None:
    assert "prefers-color-scheme: dark" in str(drawn(*LEGS).findtext(f"{SVG}style"))

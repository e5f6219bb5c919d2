"""The one that differs from its siblings is named, without any known good."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from pyremediate.audit.fleet import ABSENT, odd_ones
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.model import Evidence, State
from tests.unit.looks import evidence

RECORDED = json.loads((Path(__file__).parents[3] / "faults" / "known_good.json").read_text())


def host(parameters: dict[str, Any] | None = None, **settings: str) -> Evidence:
    main = {"main": {"parameters": {"relayhost": "[smart]", **(parameters or {})}}, "services": {}}
    return evidence(postfix=main, network={"settings": {"net.ipv4.ip_forward": "0", **settings}})


def test_the_odd_one_is_named_with_what_is_usual() -> None:
    seen = {"mail01": host(), "mail02": host(), "mail03": host({"relayhost": "evil"})}
    (odd,) = odd_ones(seen, {"mail": list(seen)})
    assert (odd.host, odd.kind, odd.name, odd.value, odd.usual) == ("mail03", "postfix.parameter", "relayhost", "evil", "[smart]")
    assert (odd.group, odd.alike, odd.of) == ("mail", 2, 3)


def test_what_is_different_everywhere_is_nobodys_fault() -> None:
    seen = {name: host({"myhostname": name}) for name in ("mail01", "mail02", "mail03")}
    assert odd_ones(seen, {"mail": list(seen)}) == ()


def test_what_one_has_more_and_what_one_lacks() -> None:
    seen = {"a": host(), "b": host(), "c": host({"always_bcc": "spy"})}
    assert odd_ones(seen, {"mail": list(seen)})[0].usual == ABSENT
    seen = {"a": host({"x": "1"}), "b": host({"x": "1"}), "c": host()}
    assert odd_ones(seen, {"mail": list(seen)})[0].value == ABSENT


def test_white_space_is_no_difference() -> None:
    seen = {"a": host({"x": "1,  2"}), "b": host({"x": "1, 2"}), "c": host({"x": "1, 2 "})}
    assert odd_ones(seen, {"mail": list(seen)}) == ()


def test_of_two_nobody_is_odd_nor_where_halves_differ() -> None:
    seen = {"a": host(), "b": host({"relayhost": "evil"})}
    assert odd_ones(seen, {"mail": list(seen)}) == ()
    seen |= {"c": host(), "d": host({"relayhost": "evil"})}
    assert odd_ones(seen, {"mail": list(seen)}) == ()


def test_a_section_that_was_not_observed_is_not_missing() -> None:
    seen = {"a": host(), "b": host(), "c": host(), "d": evidence(postfix=State.FAILED)}
    assert odd_ones(seen, {"mail": list(seen)}) == ()


def test_siblings_are_those_of_the_group_and_each_is_told_once() -> None:
    seen = {name: host() for name in "abc"} | {name: host({"relayhost": "other"}) for name in "def"} | {"g": host()}
    groups = {"all": list(seen), "east": list("abc"), "west": list("defg"), "same": list("defg")}
    assert [(odd.host, odd.group) for odd in odd_ones(seen, groups)] == [("g", "same")]


def test_two_hundred_hosts_are_compared_in_well_under_a_second() -> None:
    seen = {f"mail{number:03}": evidence_from("x", RECORDED) for number in range(199)} | {"mail199": host()}
    began = time.process_time()
    found = odd_ones(seen, {"mail": list(seen)})
    assert time.process_time() - began < 1.0
    assert {odd.host for odd in found} == {"mail199"}

"""What has changed since it was approved: in meaning, with the texts beneath, and no secret in either."""

from __future__ import annotations

import json
from dataclasses import replace

from pyremediate.known_good import devices, hosts, meaning
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.meaning import Text
from pyremediate.known_good.writing import Approval
from tests.unit.known_good.stage import ROUTER
from tests.unit.known_good.test_merging import NOW_CAPTURED, WAS, WAS_MAIN
from tests.unit.looks import evidence


def change(now: Captured = NOW_CAPTURED) -> meaning.Change:
    aliases = b"was" if now is NOW_CAPTURED else b"was\0"
    contents = {"/etc/postfix/main.cf": WAS_MAIN, "/etc/aliases": aliases, "/etc/key": b"canary"}
    keep({"mail01": Captured(evidence(**WAS), contents)}, [], Approval("anna", ""))
    known_good = hosts.load("mail01")
    assert known_good is not None
    return meaning.of_host("mail01", known_good, now)


def test_texts_that_differ_are_shown_as_a_unified_diff() -> None:
    texts = {text.name: text for text in change().texts}
    main = "/etc/postfix/main.cf"
    assert texts[main].lines[:2] == (f"--- {main} (approved)", f"+++ {main} (now)")
    assert "-relayhost =" in texts[main].lines and "+relayhost = [smart]" in texts[main].lines
    assert "+table b {}" in texts["the rules of the packet filter"].lines


def test_a_secret_is_withheld_everywhere() -> None:
    found = change()
    assert Text("/etc/key", withheld=meaning.WITHHELD) in found.texts
    told = json.dumps(found.to_json())
    assert "canary" not in told and "other" not in told.replace("another", "")


def test_what_is_no_text_is_not_shown() -> None:
    found = change(replace(NOW_CAPTURED, contents={**NOW_CAPTURED.contents}))
    assert Text("/etc/aliases", withheld="it is not a text") in found.texts


def test_each_difference_has_a_sentence() -> None:
    sentences = [each["sentence"] for each in change().to_json()["differences"]]
    assert "relayhost had been changed from nothing to [smart]" in sentences


def test_a_device_differs_in_its_configuration() -> None:
    keep({}, [ROUTER], Approval("anna", ""))
    known_good = devices.load("router01")
    assert known_good is not None
    found = meaning.of_device("router01", known_good, replace(ROUTER, running="hostname s\n"))
    assert [each.kind for each in found.differences] == ["device.line"]
    assert found.texts[0].lines[-2:] == ("-hostname r", "+hostname s")

"""Hunks of a text: each finds its place whatever else was put back, and says what it cannot find."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import text_entries, text_hunks
from hypothesis import given
from hypothesis import strategies as st

LINES = st.lists(
    st.sampled_from(["", "a 1", "b 2", "c 3", "#a 1", "a 9", "}", "x {", " y", "d", "e", "f", "g"]), max_size=14
)


def texts(was: str, now: str) -> list[dict[str, Any]]:
    found = text_hunks.hunks(was, now)
    assert found is not None
    return list(found)


def all_put_back(old: list[str], new: list[str], order: Any) -> None:
    was, now = "\n".join(old), "\n".join(new)
    found = text_hunks.hunks(was, now)
    if found is None:
        return
    order.shuffle(found)
    for hunk in found:
        before, now = now, text_hunks.reverse(now, hunk)
        assert now != before
        assert text_hunks.reverse(now, hunk) == now
    assert now == was


@given(LINES, LINES, st.randoms())
def test_all_hunks_put_back_in_any_order_give_the_known_good(old: Any, new: Any, order: Any) -> None:
    all_put_back(old, new, order)


@given(
    LINES,
    st.lists(st.tuples(st.integers(0, 13), st.sampled_from(["", "z", "a 1", "#", " y"])), max_size=3),
    st.randoms(),
)
def test_edits_of_a_text_are_put_back_in_any_order(old: Any, edits: Any, order: Any) -> None:
    new = list(old)
    for place, line in edits:
        new[place : place + 1] = [line]
    all_put_back(old, new, order)


@given(
    st.permutations([*"abcdefghij"]),
    st.lists(st.integers(0, 14)),
    st.lists(st.integers(0, 14)),
    st.randoms(),
)
def test_lists_with_gaps_are_put_back_in_any_order(names: Any, gaps: Any, lost: Any, order: Any) -> None:
    old = names[:7]
    for gap in gaps[:4]:
        old.insert(gap, "")
    new = [line for place, line in enumerate(old) if place not in lost[:2]]
    for place, line in zip(lost[2:], names[7:], strict=False):
        new[place : place + place % 2] = [line]
    all_put_back(old, new, order)


MAP = "alice@lab.test x\nbob@lab.test x\ncarol@lab.test x\n"


def test_a_lost_entry_and_a_new_one_beside_it_are_two() -> None:
    found = texts(MAP, MAP.replace("carol@lab.test x", "dave@lab.test x"))
    assert [(hunk["was"], hunk["is"]) for hunk in found] == [(["carol@lab.test x"], []), ([], ["dave@lab.test x"])]
    assert text_hunks.reverse(MAP.replace("carol", "dave"), found[0]) == MAP.replace("carol", "carol@lab.test x\ndave")


def test_two_changed_entries_beside_each_other_are_two() -> None:
    found = texts(MAP, MAP.replace("alice@lab.test x", "alice@lab.test y").replace("bob", "#bob"))
    assert [(hunk["was"], hunk["is"]) for hunk in found] == [
        (["alice@lab.test x"], ["alice@lab.test y"]),
        (["bob@lab.test x"], ["#bob@lab.test x"]),
    ]


def test_a_misspelt_key_is_one_place() -> None:
    was = "listen = *\nprotocols = imap\nssl = yes\n"
    assert len(texts(was, was.replace("protocols", "protocls"))) == 1


def test_a_block_is_never_torn_apart() -> None:
    was = "a = 1\nservice lmtp {\n  x = 1\n  y = 2\n}\nb = 2\n"
    assert [hunk["is"] for hunk in texts(was, "a = 1\nb = 2\n")] == [[]]


@pytest.mark.parametrize("now", ["", "\n", "other\n", "-----BEGIN X-----\nalice@lab.test x\n"])
def test_another_file_altogether_has_no_hunks(now: str) -> None:
    assert text_hunks.hunks(MAP, now) is None


def test_the_same_text_has_no_hunks() -> None:
    assert text_hunks.hunks(MAP, MAP) == text_hunks.hunks("", "") == []


def test_what_somebody_changed_since_is_refused_with_the_reason() -> None:
    (hunk,) = texts(MAP, MAP.replace("bob@lab.test x", "bob@lab.test y"))
    with pytest.raises(text_hunks.NoPlace, match="not there any more"):
        text_hunks.reverse(MAP.replace("bob@lab.test x", "bob@lab.test z"), hunk)


@pytest.mark.parametrize(
    ("was", "now", "nothing"),
    [
        ("a\n", "a\n# more\n", True),
        ("a\n# b\n", "a\n\n; c\n", True),
        ("a\nb\n", "a\n#b\n", False),
        ("a\n", "a\n#!/bin/sh\n", False),
        ("a \\\nb\n", "a \\\n# c\nb\n", False),
    ],
)
def test_comments_mean_nothing_unless_they_hide_something(was: str, now: str, nothing: bool) -> None:
    assert all(text_hunks.means_nothing(hunk) for hunk in texts(was, now)) is nothing


def test_identities_are_the_same_at_every_look_and_differ_between_equal_hunks() -> None:
    was = "a {\n x\n}\nb {\n x\n}\n"
    found = texts(was, was.replace(" x", " y"))
    names = text_hunks.identities(found)
    assert len(set(names)) == 2
    assert names == text_hunks.identities(found) != text_hunks.identities(found, b"key")


RULES = """table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\tiif "lo" accept
\t}
}
"""


def test_rules_beside_each_other_and_the_policy_of_their_chain_are_told_apart() -> None:
    now = RULES.replace("policy accept;", "policy drop;\n\t\ttcp dport { 22, 25 } accept\n\t\ttcp dport 25 drop")
    found = text_hunks.hunks(RULES, now, text_entries.RULES)
    assert [(len(hunk["was"]), hunk["is"][0].strip()) for hunk in found] == [
        (1, "type filter hook input priority filter; policy drop;"),
        (0, "tcp dport { 22, 25 } accept"),
        (0, "tcp dport 25 drop"),
    ]
    for hunk in reversed(found):
        now = text_hunks.reverse(now, hunk)
    assert now == RULES

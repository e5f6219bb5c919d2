"""The language of rules: three truth values, texts, and values."""

from __future__ import annotations

import itertools
import time

import pytest
from jinja2 import TemplateSyntaxError, UndefinedError

from pyremediate.diagnosis.conditions import Condition, Impossible, Text, Truth, Values, all_of, any_of, negated

YES, NO, MAYBE, NEVER = Truth(True), Truth(False), Truth(None, ("x",)), Truth(None, ("y",), impossible=True)


@pytest.mark.parametrize(("left", "right"), list(itertools.product((YES, NO, MAYBE, NEVER), repeat=2)))
def test_and_and_or_are_kleenes(left: Truth, right: Truth) -> None:
    values = (left.value, right.value)
    both = False if False in values else (None if None in values else True)
    either = True if True in values else (None if None in values else False)
    assert all_of([left, right]).value is both
    assert any_of([left, right]).value is either
    assert negated(all_of([left, right])).value == any_of([negated(left), negated(right)]).value


def test_a_conjunction_with_an_impossible_part_can_never_become_true_and_a_disjunction_still_can() -> None:
    assert all_of([MAYBE, NEVER]).impossible
    assert not any_of([MAYBE, NEVER]).impossible
    assert any_of([NEVER, NO]).impossible


def test_a_name_that_was_not_observed_makes_a_condition_unknown_and_is_the_reason() -> None:
    assert Condition("postfix.running").judge({}) == Truth(None, ("postfix was not observed",))


def test_false_wins_over_unknown_wherever_it_stands() -> None:
    assert Condition("a and b").judge({"a": False}).value is False
    assert Condition("b and a").judge({"a": False}).value is False
    assert Condition("not (b or a)").judge({"a": True}).value is False
    assert Condition("not (b and a)").judge({"a": True}).value is None


def test_a_condition_that_crashes_is_unknown_and_says_so() -> None:
    truth = Condition("size > 3").judge({"size": None})
    assert truth.value is None
    assert "TypeError" in truth.reasons[0]


def test_what_could_not_be_read_is_no_empty_list_where_it_must_be_known() -> None:
    condition = Condition("drives | known('the health of the disks') | selectattr('bad') | list | length > 0")
    assert condition.judge({"drives": None}) == Truth(None, ("the health of the disks could not be observed",))
    assert condition.judge({"drives": []}).value is False
    assert condition.judge({"drives": [{"bad": True}]}).value is True


def test_what_is_not_on_the_host_is_impossible() -> None:
    def raiser() -> bool:
        raise Impossible("dovecot: not on this host")

    assert Condition("f()").judge({"f": raiser}).impossible


def test_a_key_named_like_a_method_is_the_key() -> None:
    facts = {"d": {"is": 1, "values": 2, "items": 3}}
    assert Condition("d.is == 1 and d.values == 2 and d.items == 3").judge(facts).value


def test_expressions_search_with_regular_expressions() -> None:
    assert Condition("words | select('search', '^b') | list == ['bb']").judge({"words": ["ab", "bb"]}).value
    assert Condition("word is match('a')").judge({"word": "ab"}).value


@pytest.mark.parametrize(
    "source",
    [
        "''.__class__.__mro__[1].__subclasses__()",
        "f.__globals__",
        "words.append(1)",
        "range(3)",
        "cycler.__init__",
    ],
)
def test_the_sandbox_lets_nothing_out(source: str) -> None:
    facts = {"f": lambda: None, "words": ["a"]}
    assert Condition(source).judge(facts).value is None
    assert facts["words"] == ["a"]


@pytest.mark.parametrize("source", ["a ==", "a b", "a }} {{ b", "{% if a %}"])
def test_a_condition_that_is_no_expression_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Condition(source)


def test_a_text_is_one_line_and_none_when_a_name_in_it_is_unknown() -> None:
    assert Text("a  {{ b }}\n  c").render({"b": 1}) == "a 1 c"
    assert Text("{{ missing }}").render({}) is None
    assert Text("{% if b %}x{% endif %}").render({"b": 0}) == ""


def test_a_value_that_is_one_expression_is_the_object_itself_and_nothing_is_guessed_from_text() -> None:
    source = {"whole": "{{ n }}", "text": "{{ n }}!", "mode": "0755", "number": "{{ '12' }}", "deep": [["{{ d }}", 7]]}
    filled = Values(source).fill({"n": [1], "d": {"k": None}})
    assert filled == {"whole": [1], "text": "[1]!", "mode": "0755", "number": "12", "deep": [[{"k": None}, 7]]}


def test_a_value_with_an_unknown_name_raises() -> None:
    with pytest.raises(UndefinedError, match="missing"):
        Values({"a": ["{{ missing }}"]}).fill({})


def test_mappings_are_cut_to_the_wanted_keys() -> None:
    facts = {"items": [{"path": "/a", "expected_owner": "root", "owner": "x"}]}
    picked = Values("{{ items | pick(path='path', owner='expected_owner') }}").fill(facts)
    assert picked == [{"path": "/a", "owner": "root"}]
    first = Values("{{ items | pick(group=['expected_group', 'owner']) }}").fill(facts)
    assert first == [{"group": "x"}]  # the first of several keys that has a value
    assert Values("{{ items | items2dict('path', 'owner') }}").fill(facts) == {"/a": "x"}
    assert Values("{{ items | formatted('%(owner)s:%(path)s') }}").fill(facts) == ["x:/a"]


def test_a_thousand_judgements_take_well_under_a_second() -> None:
    condition = Condition("a.b | selectattr('x', 'search', '^y') | list | length > 0 and not c")
    facts = {"a": {"b": [{"x": "yes"}, {"x": "no"}]}, "c": False}
    began = time.perf_counter()
    assert all(condition.judge(facts).value for _ in range(1000))
    assert time.perf_counter() - began < 1

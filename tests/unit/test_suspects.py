"""The search's strategy: the fewest trials that find the smallest set, whatever the set is; and the ranking of the suspects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pyremediate.model import Answer, Difference, Leg
from pyremediate.search import suspects
from pyremediate.search.suspects import Suspect
from tests.unit.looks import NOON, leg, look


def made(count: int, risky: Sequence[int] = ()) -> tuple[Suspect, ...]:
    """Suspects in order of likelihood."""
    return tuple(
        Suspect(
            Difference("lines", f"p{number}", was=["lists cannot be hashed"]),
            count - number,
            2 if number in risky else 0,
        )
        for number in range(count)
    )


def search(
    all_: tuple[Suspect, ...], opens: Callable[[frozenset[Suspect]], bool]
) -> tuple[frozenset[Suspect] | None, list[frozenset[Suspect]]]:
    """Carry the strategy out against a host that is only a function: what it found, and every trial."""
    strategy, tried = suspects.trials(all_), []
    trial = next(strategy, None)
    while trial is not None:
        tried.append(frozenset(trial))
        try:
            trial = strategy.send(opens(frozenset(trial)))
        except StopIteration as end:
            return (frozenset(end.value) if end.value else None), tried
    return None, tried


def test_a_likely_culprit_costs_one_trial_for_each_that_ranks_before_it() -> None:
    all_ = made(20)
    found, tried = search(all_, lambda put_back: all_[2] in put_back)
    assert found == {all_[2]}
    assert len(tried) == 3


def test_an_unlikely_culprit_among_many_is_found_in_few_trials() -> None:
    all_ = made(64)
    found, tried = search(all_, lambda put_back: all_[50] in put_back)
    assert found == {all_[50]}
    assert len(tried) <= 5 + 2 * 7


def test_two_that_are_needed_together_are_both_named() -> None:
    all_ = made(12)
    found, tried = search(all_, lambda put_back: {all_[1], all_[9]} <= put_back)
    assert found == {all_[1], all_[9]}
    assert len(tried) <= 30


def test_a_risky_one_is_never_put_back_together_with_harmless_ones_before_it_was_tried_alone() -> None:
    all_ = made(10, risky=(8,))
    found, tried = search(all_, lambda put_back: all_[8] in put_back)
    assert found == {all_[8]}
    assert tried.index(frozenset({all_[8]})) == len(tried) - 1


def test_where_nothing_helps_every_suspect_was_tried_alone_and_all_together() -> None:
    all_ = made(7)
    found, tried = search(all_, lambda put_back: False)
    assert found is None
    assert {frozenset({suspect}) for suspect in all_} | {frozenset(all_)} == set(tried)
    assert len(tried) == len(set(tried))


def test_without_suspects_nothing_is_tried() -> None:
    assert search((), lambda put_back: True) == (None, [])


@settings(max_examples=300)
@given(st.data())
def test_what_is_found_opens_the_leg_and_nothing_of_it_could_stay_away(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 16))
    all_ = made(count, risky=data.draw(st.lists(st.integers(0, count - 1), max_size=3)))
    needed = frozenset(data.draw(st.lists(st.sampled_from(all_), min_size=1, max_size=3)))

    found, tried = search(all_, lambda put_back: needed <= put_back)

    assert found == needed
    assert len(tried) == len(set(tried))


def test_the_first_leg_of_the_first_way_that_fails_is_the_target() -> None:
    legs = [
        Leg("retrieval", "connect", Answer.FAIL, "client01"),
        Leg("inbound", "content", Answer.FAIL, "peer01"),
        Leg("inbound", "recipient", Answer.FAIL, "peer01"),
        Leg("inbound", "connect", Answer.PASS, "peer01"),
    ]
    assert suspects.target(legs) == legs[2]
    assert suspects.target(legs[3:]) is None


def ranked(*differences: Difference, problem: str = "") -> list[str]:
    """The names in order, for a mail that is refused at its recipient."""
    log = {"problems": [{"example": problem}] if problem else [], "first_problem": None}
    seen = look({"log": log}, [FAILING], differences)
    return [suspect.difference.name for suspect in suspects.ranked(seen, FAILING)]


FAILING = leg("inbound.recipient", "fail", "peer01", "550 5.1.1 user unknown in virtual mailbox table")


def test_what_an_error_names_ranks_before_what_the_leg_only_depends_on() -> None:
    named, fits = (
        Difference("file", "/etc/postfix/vmailbox", "0644", "0600", "mode"),
        Difference("postfix.parameter", "relay_domains", "a", "b"),
    )
    assert (
        ranked(fits, named, problem="fatal: open database /etc/postfix/vmailbox.db: Permission denied")[0]
        == "/etc/postfix/vmailbox"
    )


def test_what_the_leg_cannot_depend_on_ranks_last() -> None:
    misfit, fits = (
        Difference("postfix.parameter", "smtpd_tls_key_file", "a", "b"),
        Difference("postfix.parameter", "relay_domains", "a", "b"),
    )
    assert ranked(misfit, fits) == ["relay_domains", "smtpd_tls_key_file"]


def test_of_two_that_fit_alike_the_one_that_can_break_less_ranks_first() -> None:
    broad = Difference("postfix.parameter", "queue_directory", "a", "b")
    narrow = Difference("postfix.parameter", "relay_domains", "a", "b")
    assert ranked(broad, narrow) == ["relay_domains", "queue_directory"]


def test_a_unit_that_failed_ranks_behind_one_that_somebody_stopped() -> None:
    failed, stopped = (
        Difference("unit.running", "rspamd.service", "active", "failed"),
        Difference("unit.running", "dovecot.service", "active", "inactive"),
    )
    assert ranked(failed, stopped) == ["dovecot.service", "rspamd.service"]


def test_a_unit_that_somebody_stopped_ranks_before_a_fresh_edit_of_the_files_that_it_reads() -> None:
    edit = Difference("lines", "/etc/dovecot/local.conf", [], ["mail_max_userip_connections = 20"], "40", since=NOON)
    disabled = Difference("unit", "dovecot.service", "enabled", "disabled", "enabled")
    services = {"units": {"dovecot.service": {"active": "inactive"}}}
    seen = look({"log": {"problems": [], "first_problem": None}, "services": services}, [FAILING], (edit, disabled))
    assert [suspect.difference for suspect in suspects.ranked(seen, FAILING)] == [disabled, edit]


def test_a_database_that_cannot_be_read_ranks_before_a_fresh_edit_of_its_source() -> None:
    edit = Difference("lines", "/etc/postfix/virtual", [], ["press@lab.test bob@lab.test"], "9", since=NOON)
    broken = Difference("postfix.map", "hash:/etc/postfix/virtual", "up to date", "not a database")
    assert ranked(edit, broken) == ["hash:/etc/postfix/virtual", "/etc/postfix/virtual"]


def test_comments_and_what_has_no_way_back_are_no_suspects() -> None:
    comment = Difference("lines", "/etc/postfix/vmailbox", [], ["# new"], "1", harmless=True)
    setting = Difference("dovecot.setting", "ssl", "yes", "no")
    assert ranked(comment, setting) == []

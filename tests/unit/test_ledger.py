"""What became of every message: found by id and arrival, over every change of its id, or missing."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_fates import grouped, lives
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_postfix import SHORT_UNIX, split

from pyremediate.ledger.account import Fate, Ledger, Origin
from pyremediate.ledger.ledger import Looks, log_since, reconcile, sentence, verification
from pyremediate.model import Answer, Look
from tests.unit.accounts import after, before, group, queue, sent
from tests.unit.looks import look

A, B, C = "83E1816C1F7", "9648016C1F6", "9732B16C257"
MOVED = "83E1816C0AD"  # the microseconds of A, and another inode


def looks(*seen: Look) -> Looks:
    noted = Looks()
    for each in seen:
        noted.note(each)
    return noted


def fates(ledger: Ledger) -> dict[str, Fate]:
    return {message.id: message.fate for message in ledger.messages}


def of(first: Look, last: Look) -> dict[str, Fate]:
    return fates(reconcile(first, last))


def one(first: Look, last: Look) -> Any:
    (message,) = reconcile(first, last).messages
    return message


@pytest.mark.parametrize("queue", ["incoming", "active", "deferred", "maildrop"])
def test_a_message_that_is_still_in_a_queue_is_queued(queue: str) -> None:
    assert of(before(f"deferred/{A}@900"), after(f"{queue}/{A}@900")) == {A: Fate.QUEUED}


@pytest.mark.parametrize("queue", ["hold", "corrupt"])
def test_a_message_that_somebody_must_release_is_held(queue: str) -> None:
    assert of(before(f"{queue}/{A}@900"), after(f"{queue}/{A}@900")) == {A: Fate.HELD}


@pytest.mark.parametrize(
    ("end", "recipients", "fate"),
    [
        ("removed", {"sent": 2}, Fate.DELIVERED),
        ("removed", {"sent": 2, "bounced": 1}, Fate.BOUNCED),
        ("removed", {"expired": 1}, Fate.EXPIRED),
        ("removed", {}, Fate.UNKNOWN),
        ("deleted", {"deferred": 1}, Fate.DELETED),
        ("discarded", {}, Fate.DISCARDED),
    ],
)
def test_the_worst_fate_of_its_recipients_is_the_message_s(end: str, recipients: dict[str, int], fate: Fate) -> None:
    last = after(groups=[group(end, [f"{A} - - 900.3 1500 -"], recipients)])
    assert of(before(f"deferred/{A}@900"), last) == {A: fate}


def test_a_message_that_is_nowhere_is_missing() -> None:
    message = one(before(f"deferred/{A}@900"), after())
    assert (message.fate, message.reason[:25]) == (Fate.MISSING, "it was in the queue defer")


def test_equal_counts_do_not_hide_a_loss() -> None:
    assert of(before(f"deferred/{A}@900"), after(f"deferred/{B}@1200")) == {A: Fate.MISSING, B: Fate.QUEUED}


def test_an_id_that_was_given_to_another_message_does_not_hide_a_loss() -> None:
    assert [m.fate for m in reconcile(before(f"deferred/{A}@900"), after(f"deferred/{A}@1500")).messages] == [
        Fate.MISSING, Fate.QUEUED,
    ]  # fmt: skip


def test_the_delivery_of_another_message_with_the_same_id_does_not_hide_a_loss() -> None:
    other = group("removed", [f"{A} 1400.1 1400.2 1400.1 1401 -"], {"sent": 1})
    found = reconcile(before(f"deferred/{A}@900"), after(groups=[other])).messages
    assert [(m.origin, m.fate) for m in found] == [(Origin.QUEUED, Fate.MISSING), (Origin.ARRIVED, Fate.DELIVERED)]


def test_both_lives_of_an_id_that_is_used_again_are_accounted_for() -> None:
    lives = [f"{A} - - 900.4 1100 -", f"{A} 1400.1 1400.2 1400.1 1401 -"]
    found = reconcile(before(f"deferred/{A}@900"), after(groups=[group("removed", lives, {"sent": 1})])).messages
    assert [(m.origin, m.fate) for m in found] == [(Origin.QUEUED, Fate.DELIVERED), (Origin.ARRIVED, Fate.DELIVERED)]


def without_a_log() -> Look:
    fates = {"since": None, "error": "there is no mail log that can be read", "groups": []}
    return look({"postfix": queue(at=2000.0), "log": {"fates": fates}})


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (after(since=1200), "does not reach back"),
        (after(cut="Suppressed 40 messages from postfix"), "Suppressed 40"),
        (after(error="deferred: Permission denied"), "Permission denied"),
        (without_a_log(), "no mail log"),
        (look({"postfix": {"queue": {}}}), "was not listed"),
        (look(None), "was not observed"),
    ],
)
def test_what_may_be_somewhere_else_is_unknown_and_not_missing(last: Look, reason: str) -> None:
    message = one(before(f"deferred/{A}@900"), last)
    assert message.fate is Fate.UNKNOWN
    assert reason in message.reason


def test_a_message_that_postsuper_renamed_is_found_by_its_microseconds() -> None:
    message = one(before(f"deferred/{A}@900"), after(f"deferred/{MOVED}@900"))
    assert (message.fate, message.now) == (Fate.QUEUED, MOVED)


def test_a_message_that_was_renamed_and_delivered_is_found_in_the_log() -> None:
    last = after(groups=[group("removed", [f"{MOVED} - 1400 900.4 1401 -"], {"sent": 1})])
    assert (one(before(f"deferred/{A}@900"), last).fate) is Fate.DELIVERED


def test_a_long_id_keeps_its_microseconds_too() -> None:
    first = before("deferred/4FzkB01qyWz9vP@900")
    assert one(first, after("deferred/4FzkB01qyWz9xx@900")).now == "4FzkB01qyWz9xx"


def test_a_requeued_message_is_followed_to_its_new_id() -> None:
    gone = group("requeued", [f"{A} - - 900.1 1100 -"])
    delivered = group("removed", [f"{B} 1102 1102.1 900.2 1103 {A}"], {"sent": 1})
    message = one(before(f"deferred/{A}@900"), after(groups=[gone, delivered]))
    assert (message.fate, message.now) == (Fate.DELIVERED, B)


def test_a_requeued_message_that_waits_for_pickup_or_for_delivery_is_queued() -> None:
    gone = group("requeued", [f"{A} - - 900.1 1100 -"])
    assert one(before(f"deferred/{A}@900"), after(f"maildrop/{A}@900", groups=[gone])).fate is Fate.QUEUED
    active = group("", [f"{B} 1102 1102.1 - 1103 {A}"])
    assert one(before(f"deferred/{A}@900"), after(f"deferred/{B}@900", groups=[gone, active])).now == B


def test_mail_that_was_picked_up_from_maildrop_is_found_by_its_arrival() -> None:
    delivered = group("removed", [f"{B} 1102 1102.1 900.2 1103 -"], {"sent": 1})
    assert one(before("maildrop/AAAAA1@900"), after(groups=[delivered])).fate is Fate.DELIVERED
    assert one(before("maildrop/AAAAA1@900"), after(f"deferred/{B}@900")).now == B


def test_each_message_that_was_picked_up_accounts_for_one_of_maildrop() -> None:
    delivered = group("removed", [f"{B} 1102 1102.1 900.2 1103 -"], {"sent": 1})
    found = of(before("maildrop/AAAAA1@900", "maildrop/AAAAA2@900"), after(groups=[delivered]))
    assert sorted(found.values()) == [Fate.DELIVERED, Fate.MISSING]


def test_mail_that_arrived_meanwhile_is_accounted_for() -> None:
    delivered = group("removed", [f"{A} 1102 1102.1 1102 1103 -"], {"sent": 1})
    lost = group("", [f"{C} 1102 1102.1 - 1103 -"])
    found = reconcile(before(), after(f"deferred/{B}@1200", groups=[delivered, lost]))
    assert fates(found) == {A: Fate.DELIVERED, B: Fate.QUEUED, C: Fate.MISSING}
    assert {message.origin for message in found.messages} == {Origin.ARRIVED}


def test_mail_that_was_accepted_after_the_last_listing_is_not_missed_in_it() -> None:
    late = group("", [f"{A} 1999.5 2000.2 - 2000.3 -"])
    assert of(before(), after(groups=[late])) == {}


def test_mail_that_had_left_before_the_first_listing_is_not_in_the_account() -> None:
    early = group("removed", [f"{A} 996 996.1 996 997 -"], {"sent": 1})
    assert of(before(), after(groups=[early])) == {}


def test_without_a_first_listing_there_is_no_account() -> None:
    ledger = reconcile(look({"postfix": {"queue": {}}}), after(f"deferred/{A}@900"))
    assert verification(ledger).answer is Answer.IMPOSSIBLE
    assert "the queue was not listed" in sentence(ledger)
    assert log_since(look(None)) == ""


def test_the_log_is_asked_from_shortly_before_the_listing() -> None:
    assert log_since(before()) == "1970-01-01T00:16:35Z"


MAIL = {"path": "inbound", "accepted": True, "queue_id": f"2.0.0 Ok: queued as {A}", "token": "t", "detail": "late"}


def test_a_test_mail_that_arrived_is_delivered_and_counted_once() -> None:
    last = replace(
        after(groups=[group("removed", [f"{A} 1102 1102.1 1102 1103 -"], {"sent": 1})]),
        mails=[{**MAIL, "answer": "pass"}],
    )
    message = one(before(), last)
    assert (message.origin, message.fate) == (Origin.TEST, Fate.DELIVERED)


def test_a_test_mail_that_nobody_saw_is_what_queue_and_log_say_of_it() -> None:
    waiting = replace(after(f"deferred/{A}@1102"), mails=[{**MAIL, "answer": "fail"}])
    assert one(before(), waiting).fate is Fate.QUEUED
    assert one(before(), replace(after(), mails=[{**MAIL, "answer": "fail"}])).reason == "late"


def test_a_test_mail_that_was_not_accepted_is_owed_to_nobody() -> None:
    assert reconcile(before(), replace(after(), mails=[{**MAIL, "accepted": False, "answer": "fail"}])).messages == ()


def test_the_account_is_one_sentence() -> None:
    ids = [f"{number:05X}16C1F7" for number in range(412)]
    bounced = group(
        "removed", [f"{ids[409]} - - 900.1 1100 -"], {"bounced": 1}, "5.1.1 Recipient address rejected: User unknown"
    )
    refused = dict.fromkeys(ids[410:], "host mx.peer.test[192.0.2.1] said: 450 4.2.0 later")
    last = after(*(f"deferred/{id_}@900" for id_ in ids[410:]), groups=[sent(*ids[:409]), bounced], details=refused)
    ledger = reconcile(before(*(f"deferred/{id_}@900" for id_ in ids)), last)
    assert sentence(ledger) == "412 delayed: 409 delivered, 2 still deferred by the remote, 1 bounced: user unknown."
    assert verification(ledger).answer is Answer.PASS


def test_missing_mail_makes_the_outcome_a_failure_and_a_step_for_a_human() -> None:
    first = before(f"deferred/{A}@900", details={A: "deferred transport"})
    outcome, human, told = looks(first, after()).ending("repaired")
    assert outcome == "escalated"
    assert human[0].startswith(
        f"Message {A} from c@peer.test to a@lab.test, here since 1970-01-01T00:15:00Z, is missing:"
    )
    assert told is not None
    assert told["counts"] == {"queued": {"missing": 1}}
    assert told["messages"][0]["id"] == A
    assert verification(reconcile(first, after())).answer is Answer.FAIL


def test_a_run_that_looked_once_has_nothing_to_account_for() -> None:
    first = before(f"deferred/{A}@900")
    assert looks(first).ending("healthy") == ("healthy", [], None)


def test_the_test_mails_of_every_look_of_a_run_are_accounted_for() -> None:
    mail = {**MAIL, "answer": "pass"}
    noted = looks(
        replace(before(), mails=[mail]), replace(after(), mails=[{**mail, "queue_id": "Ok: queued as B"}]), after()
    )
    _, _, told = noted.ending("repaired")
    assert told is not None
    assert told["counts"] == {"test": {"delivered": 2}}


def test_the_log_is_asked_from_the_first_look_of_the_run_on() -> None:
    assert looks().since() == ""
    assert looks(before(), after()).since() == log_since(before())


def test_fifty_thousand_messages_are_reconciled_in_seconds() -> None:
    ids = [f"{number:05X}{number:X}1" for number in range(50000)]
    first = before(*(f"deferred/{id_}@{900 + number % 90}" for number, id_ in enumerate(ids)))
    last = after(
        *(f"deferred/{id_}@{900 + number % 90}" for number, id_ in enumerate(ids[:25000])), groups=[sent(*ids[25000:])]
    )
    began = time.process_time()
    ledger = reconcile(first, last)
    assert time.process_time() - began < 10  # it takes one; what grows by the square takes hours
    assert ledger.counts() == {Origin.QUEUED: {Fate.QUEUED: 25000, Fate.DELIVERED: 25000}}


def test_mail_that_left_just_after_the_queue_was_listed_is_counted_once() -> None:
    last = after(f"active/{A}@900", groups=[group("removed", [f"{A} - - 900.3 2000.5 -"], {"sent": 1})])
    assert one(before(f"deferred/{A}@900"), last).fate is Fate.DELIVERED


def test_mail_that_was_delivered_and_is_gone_is_delivered_although_the_line_of_its_removal_is_lost() -> None:
    gone = group("", [f"{A} - 1400 900.3 1401 -"], {"sent": 1})
    assert one(before(f"deferred/{A}@900"), after(groups=[gone])).fate is Fate.DELIVERED
    assert one(before(f"deferred/{A}@900"), after(f"active/{A}@900", groups=[gone])).fate is Fate.QUEUED
    waits = group("", [f"{A} - 1400 900.3 1401 -"], {"sent": 1, "deferred": 1})
    assert one(before(f"deferred/{A}@900"), after(groups=[waits])).fate is Fate.MISSING


RECORDED = (Path(__file__).parent / "recorded" / "host" / "mail_lives").read_text()


@pytest.mark.parametrize(
    ("at", "queued", "found"),
    [
        (
            1795636949.6,  # three wait; one will be renamed, one requeued, one held and deleted
            (f"deferred/{A}@1795636947", f"deferred/{B}@1795636947", f"deferred/{C}@1795636947"),
            {A: (Fate.DELIVERED, MOVED), B: (Fate.DELIVERED, "18BD316C189"), C: (Fate.DELETED, "")},
        ),
        (
            1795636951.9,  # Postfix is stopped, with the requeued one and a new one in maildrop
            (f"deferred/{MOVED}@1795636947", f"maildrop/{B}@1795636947", "maildrop/B2A4B16C0BB@1795636951"),
            {
                MOVED: (Fate.DELIVERED, ""),
                B: (Fate.DELIVERED, "18BD316C189"),
                "B2A4B16C0BB": (Fate.DELIVERED, "19F5516C1F6"),
            },
        ),
    ],
)
def test_what_happened_on_a_real_host(at: float, queued: tuple[str, ...], found: dict[str, tuple[Fate, str]]) -> None:
    said, _ = split(match.groups() for match in map(SHORT_UNIX.fullmatch, RECORDED.splitlines()) if match)
    fates = {"since": at - 5, "error": "", "groups": grouped(lives(said))}
    first = look({"postfix": queue(*queued, at=at)})
    last = look({"postfix": queue(at=1795636960.0), "log": {"fates": fates}})
    messages = reconcile(first, last).messages
    assert {m.id: (m.fate, m.now) for m in messages if m.origin is Origin.QUEUED} == found
    arrived = Counter(m.fate for m in messages if m.origin is Origin.ARRIVED)
    assert arrived[Fate.BOUNCED] == 2 and set(arrived) == {Fate.BOUNCED, Fate.DELIVERED}


@pytest.mark.parametrize("last", ["deferred", ""])
def test_mail_that_is_picked_up_while_the_queue_is_listed_is_missed_nowhere(last: str) -> None:
    """It is in maildrop and under its new id; Postfix was down, so its arrival is long before the id was given."""
    picked = f"{B} 1000.2 1000.3 900.2 1103 -" if not last else f"{B} 1000.2 1000.3 - 1103 -"
    groups = [group("" if last else "removed", [picked], {} if last else {"sent": 1})]
    found = reconcile(
        before("maildrop/AAAAA1@900", f"incoming/{B}@900"), after(*([f"{last}/{B}@900"] if last else []), groups=groups)
    )
    fate = Fate.QUEUED if last else Fate.DELIVERED
    assert {m.id: (m.origin, m.fate) for m in found.messages} == {
        "AAAAA1": (Origin.QUEUED, fate), B: (Origin.QUEUED, fate),
    }  # fmt: skip


def test_mail_that_arrived_and_left_just_after_the_last_listing_is_counted_once() -> None:
    delivered = group("removed", [f"{A} 1998.9 1998.95 1998.9 2000.4 -"], {"sent": 1})
    assert one(before(), after(f"active/{A}@1999", groups=[delivered])).fate is Fate.DELIVERED

"""What Postfix's own lines say of messages: the lives of queue ids. The lines are those of a real host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_fates import (
    grouped,
    lacking,
    lives,
    unsettled,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_postfix import (
    SHORT_UNIX,
    Read,
    joined,
    split,
)

from .observe_recorded import output

SENT = "to=<a@lab.test>, relay=x, delay=0.5, delays=0/0/0/0, dsn=2.0.0, status=sent (250 Ok)"
DEFERRED = "to=<a@lab.test>, relay=none, delay=3, delays=0/0/0/0, dsn=4.3.2, status=deferred (deferred transport)"
REFUSAL = "host x[1.2.3.4] said: 550 5.1.1 <b@lab.test> Unknown"
BOUNCED = f"to=<b@lab.test>, relay=x, delay=1, delays=0/0/0/0, dsn=5.1.1, status=bounced ({REFUSAL})"
ACTIVE = "from=<c@peer.test>, size=301, nrcpt=1 (queue active)"


def told(*said: str, daemon: str = "qmgr", id_: str = "93C411AE2A7") -> list[dict[str, Any]]:
    """The groups of one message's lines, a second apart; ``daemon: line`` names another daemon."""
    return grouped(lives(entries(*said, daemon=daemon, id_=id_)))


def entries(*said: str, daemon: str = "qmgr", id_: str = "93C411AE2A7") -> list[tuple[float, str, str]]:
    found = []
    for number, line in enumerate(said):
        name, _, rest = line.partition(" | ") if " | " in line else (daemon, "", line)
        found.append((100.0 + number, name, f"{id_}: {rest}"))
    return found


def ends(*said: str) -> list[tuple[str, dict[str, int]]]:
    return [(group["end"], group["recipients"]) for group in told(*said)]


def test_a_message_that_was_delivered_and_removed_was_sent() -> None:
    assert told(SENT, "removed") == [
        {"end": "removed", "recipients": {"sent": 1}, "reasons": [], "lives": "93C411AE2A7 - - 99.50 101.00 -"}
    ]


def test_every_recipient_counts_and_a_bounce_says_its_rule() -> None:
    (group,) = told(SENT, BOUNCED, "removed")
    assert group["recipients"] == {"bounced": 1, "sent": 1}
    assert group["reasons"] == ["5.1.1 Unknown"]


def test_the_last_fate_of_a_recipient_counts() -> None:
    assert ends(DEFERRED, SENT, "removed") == [("removed", {"sent": 1})]


def test_a_deferred_message_goes_on() -> None:
    (group,) = told(DEFERRED)
    assert (group["end"], group["recipients"], group["reasons"]) == ("", {"deferred": 1}, ["4.3.2 deferred transport"])


def test_what_would_bounce_under_soft_bounce_is_deferred() -> None:
    assert ends(BOUNCED.replace("bounced", "SOFTBOUNCE")) == [("", {"deferred": 1})]


def test_a_message_that_was_too_old_is_expired() -> None:
    assert ends(DEFERRED, "from=<c@peer.test>, status=expired, returned to sender", "removed") == [
        ("removed", {"expired": 1})
    ]


def test_a_message_that_somebody_deleted_by_hand_is_told_from_one_that_was_delivered() -> None:
    assert ends(DEFERRED, "postsuper | removed") == [("deleted", {"deferred": 1})]


def test_mail_that_a_rule_discards_is_told() -> None:
    assert ends("smtpd | client=x[1.2.3.4]", "cleanup | discard: header Subject: x from y; from=<a>") == [
        ("discarded", {})
    ]


def test_an_id_that_is_given_again_has_two_lives() -> None:
    said = ("smtpd | client=x", "cleanup | message-id=<1>", ACTIVE, SENT, "removed")
    assert [group["lives"].count("\n") + 1 for group in told(*said, *said)] == [2]


def test_an_id_that_is_given_again_after_its_message_vanished_has_two_lives_too() -> None:
    said = ("cleanup | message-id=<1>", ACTIVE)
    assert ends(*said, *said, SENT, "removed") == [("", {}), ("removed", {"sent": 1})]


def test_an_id_whose_first_lines_are_not_there_begins_a_life_when_it_is_active_again() -> None:
    assert len(lives(entries(SENT, "removed", ACTIVE))) == 2


def test_a_message_that_a_client_did_not_finish_is_owed_to_nobody() -> None:
    assert told("smtpd | client=x", "cleanup | message-id=<1>") == []


def test_the_bounce_that_is_sent_for_a_message_that_is_over_does_not_revive_it() -> None:
    assert ends(BOUNCED, "removed", "bounce | sender non-delivery notification: AD5EB16C189") == [
        ("removed", {"bounced": 1})
    ]


@pytest.mark.parametrize("line", ["connect from client01[10.61.1.10]", "warning: 93C411AE2A7: removed"])
def test_other_lines_are_passed_over(line: str) -> None:
    assert lives([(1.0, "smtpd", line)]) == []


def test_long_queue_ids_have_lives_too() -> None:
    assert told(SENT, "removed", id_="4FzkB01qyWz9vP")[0]["lives"].startswith("4FzkB01qyWz9vP ")


def test_a_log_that_was_read_before_the_end_of_what_had_left_is_not_settled() -> None:
    found = lives(entries(ACTIVE, SENT))
    assert unsettled(found, set(), before=200.0)
    assert not unsettled(found, {"93C411AE2A7"}, before=200.0)
    assert not unsettled(found, set(), before=100.5)  # it was spoken of after the queue was listed
    assert not unsettled(lives(entries(ACTIVE, SENT, "removed")), set(), before=200.0)


def test_the_lines_of_a_host_on_which_everything_happened() -> None:
    """Three messages and one from maildrop: requeued, held and deleted, renamed, delivered; two bounces and what they sent."""
    said, dropped = split(
        match.groups() for match in map(SHORT_UNIX.fullmatch, output("mail_lives").splitlines()) if match
    )
    found = {life.id: life for life in lives(said)}
    assert dropped == ""
    assert {id_: life.end for id_, life in found.items() if life.end != "removed"} == {
        "83E1816C1F7": "",  # renamed by postsuper, which does not log it
        "9648016C1F6": "requeued",
        "9732B16C257": "deleted",
    }
    assert found["18BD316C189"].was == "9648016C1F6"
    assert found["83E1816C0AD"].began is None
    assert round(found["83E1816C0AD"].arrived or 0) in {1795636947, 1795636948}
    assert found["89C8216C39F"].recipients == {
        "nobody@peer.test": (
            "bounced", "5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
        )
    }  # fmt: skip


def test_lines_that_journald_did_not_take_are_told() -> None:
    _, dropped = split([("1.0", "systemd-journald", "Suppressed 4211 messages from system-postfix.slice")])
    assert "4211" in dropped


def test_a_log_that_lacks_the_deliveries_of_what_was_removed_is_not_complete() -> None:
    assert lacking(lives(entries(ACTIVE, "removed")), since=90.0)
    assert not lacking(lives(entries(ACTIVE, SENT, "removed")), since=90.0)
    assert not lacking(lives(entries(ACTIVE, "removed")), since=99.0)  # its delivery may be before the first line


def test_what_journald_held_back_is_taken_from_the_log_file_where_it_has_all_of_it() -> None:
    first, second, third = (1.0, "qmgr", "A: 1"), (2.0, "smtp", "A: 2"), (3.0, "qmgr", "A: removed")
    journal = Read([first, third], 0.5, "Suppressed 1 messages", held_back=1)
    whole = joined(journal, Read([(1.01, *first[1:]), second, third], 0.5))
    assert (whole.entries, whole.error) == ([first, second, third], "")
    part = joined(Read([first], 0.5, "Suppressed 2 messages", held_back=2), Read([second], 0.5))
    assert (part.entries, part.error) == ([first, second], "Suppressed 2 messages")


def test_a_delivery_that_is_told_just_after_the_removal_counts() -> None:
    assert ends("removed", SENT) == [("removed", {"sent": 1})]


def test_a_probe_of_an_address_is_no_mail() -> None:
    probed = SENT.replace("status=sent (250 Ok)", "status=deliverable (delivers to mailbox)")
    assert told("cleanup | message-id=<1>", ACTIVE, probed, "removed") == []


def test_other_instances_of_postfix_have_queues_of_their_own() -> None:
    assert split([("1.0", "postfix-out/qmgr", f"93C411AE2A7: {ACTIVE}")]) == ([], "")
    assert split([("1.0", "postfix/submission/smtpd", "93C411AE2A7: client=x")]) == (
        [(1.0, "smtpd", "93C411AE2A7: client=x")],
        "",
    )

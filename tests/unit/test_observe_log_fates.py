"""What Postfix's own lines say of messages that left the queue."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_fates import fates


def told(*messages: str) -> dict[str, str]:
    return fates({"message": message} for message in messages)


def test_a_message_that_was_delivered_and_removed_was_sent() -> None:
    assert told("93C411AE2A7: to=<a@lab.test>, relay=x, dsn=2.0.0, status=sent (250 Ok)", "93C411AE2A7: removed") == {
        "93C411AE2A7": "sent"
    }


def test_a_message_that_bounced_for_one_of_its_recipients_counts_as_bounced() -> None:
    statuses = ("to=<a@x>, status=sent (ok)", "to=<b@x>, status=bounced (no)", "removed")
    assert told(*(f"4FzkB01qyWz9vP: {status}" for status in statuses)) == {"4FzkB01qyWz9vP": "bounced"}


def test_a_deferred_message_is_still_queued_and_has_no_fate() -> None:
    assert told("93C411AE2A7: to=<a@lab.test>, status=deferred (later)") == {}


def test_a_message_that_somebody_removed_by_hand_is_removed_and_not_sent() -> None:
    assert told("93C411AE2A7: removed") == {"93C411AE2A7": "removed"}


def test_other_lines_are_passed_over() -> None:
    assert told("connect from client01[10.61.1.10]", "warning: 93C411AE2A7: removed") == {}

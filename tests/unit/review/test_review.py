"""The review says what the record says, in every format and language, and learns only from what is on record."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import get_args
from xml.etree import ElementTree

import pytest

from pyremediate.communication.settings import Message
from pyremediate.journal import Journal
from pyremediate.languages import LANGUAGES, Language
from pyremediate.pages.blocks import cell
from pyremediate.review import formats, people_told, picture
from pyremediate.review.build import build
from pyremediate.review.page import page
from pyremediate.review.values import Review
from pyremediate.settings import ReviewTargets
from tests.unit.incidents import CAUSE, LEDGER, OUTCOME, WRONG, record

ENGLISH = Language("en")


def reviewed(journal: Journal, ledger: object = LEDGER) -> Review:
    return build(journal.entries(record(journal, replace(OUTCOME, ledger=ledger))), ReviewTargets())


def text_of(review: Review, language: Language = ENGLISH) -> str:
    return formats.render(review, language, "markdown").decode()


def test_the_first_lines_say_what_was_disrupted_why_and_how_it_ended(journal: Journal) -> None:
    text = text_of(reviewed(journal)).split("## ")[0]
    assert "disrupted on mail01: receiving mail. Severity: critical." in text
    assert "Cause: A parameter was changed." in text
    assert "It was repaired after 1 second, and proved by real test mail." in text
    assert (
        "* Messages delayed: **3**" in text and "* Messages lost: **1**" in text and "* Steps kept: **1 of 2**" in text
    )


def test_every_chapter_is_there_and_its_tables_are_intact(journal: Journal) -> None:
    text = text_of(reviewed(journal))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Impact", "Timeline", "Times against targets", "Root cause", "Changes suspected", "What was done", "The mail queue",
        "Who was told", "Sign-off", "Preventive measures", "What to change in the procedure", "Every entry of the record",
    ]  # fmt: skip
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


def test_an_account_of_the_queue_that_was_not_kept_is_not_told_as_nothing_lost(journal: Journal) -> None:
    text = text_of(reviewed(journal, None))
    assert "* Messages lost: **not known**" in text and "* Messages delayed: **not known**" in text


def test_a_changed_parameter_is_suspected_with_its_values_and_what_became_of_it(journal: Journal) -> None:
    entries = journal.entries(record(journal))
    look = next(entry for entry in entries if entry.kind == "look").payload["look"]
    secret = {**WRONG, "kind": "file", "name": "/etc/dovecot/users", "secret": True, "was": None, "is": None}
    look["differences"] = [WRONG, secret, {**WRONG, "name": "quiet", "harmless": True}]

    told = [(each.name, each.was, each.now, each.became) for each in build(entries, ReviewTargets()).changes]

    assert told == [("virtual_transport", "lmtp:x", "lmtp:y", "put_back"), ("/etc/dovecot/users", None, None, "left")]


def test_what_people_put_on_record_stands_in_the_review(journal: Journal) -> None:
    incident = record(journal)
    journal.write(incident, "review", "impact", {"text": "The sales office", "users": 40})
    journal.write(incident, "review", "cause", {"text": "A typing error in ticket 4711."})
    journal.write(
        incident,
        "review",
        "measure",
        {"number": 1, "text": "Review changes of main.cf.", "owner": "bob", "due": "2027-01-31"},
    )
    journal.write(incident, "review", "sign", {"signer": "anna", "by": "user", "verification": "0" * 64})
    journal.write(incident, "review", "refuse", {"signer": "carl", "by": "user", "reason": "IMAP is slow"})

    review = build(journal.entries(incident), ReviewTargets())
    text = text_of(review)

    assert (
        "| Users | 40 |" in text
        and "| According to" in text
        and "The sales office" in text
        and "typing error in ticket 4711" in text
    )
    assert [(each.text, each.owner) for each in review.measures] == [
        ("Review changes of main.cf.", "bob"), ("Capture a baseline after each change.", ""),
    ]  # fmt: skip
    assert "anna signed what had been verified" in text and "carl refused to sign: IMAP is slow" in text


def test_a_notification_is_told_with_the_last_that_is_known_of_its_delivery(journal: Journal) -> None:
    incident = record(journal)
    for number, audience in enumerate(("it", "users", "management"), 1):
        notice = {"id": f"n{number}", "audience": audience, "message": "outage", "language": "it", "subject": "Disservizio"}
        journal.write(incident, "tell", "notice", notice)
    for ident, channel, delivered in (("n1", "chat", False), ("n1", "mail", True), ("n2", "chat", False)):
        answer = {"notice": ident, "channel": channel, "number": 1, "delivered": delivered, "answer": "its words"}
        journal.write(incident, "tell", "attempted", answer)

    review = build(journal.entries(incident), ReviewTargets())

    assert [(each.audience, each.channel, each.state) for each in review.notices] == [
        ("it", "mail", "sent"), ("users", "chat", "failed"), ("management", "", "waiting"),
    ]  # fmt: skip
    assert "nobody_told" not in {each.code for each in review.lessons}


def test_who_has_read_a_notification_is_told_or_that_nobody_knows(journal: Journal) -> None:
    incident = record(journal)
    for number, audience in enumerate(("it", "users"), 1):
        notice = {"id": f"n{number}", "audience": audience, "message": "outage", "language": "it", "subject": "Disservizio"}
        journal.write(incident, "tell", "notice", notice)
    for reader in ("bob", "carla"):
        journal.write(incident, "tell", "read", {"notice": "n1", "by": reader})

    (table,) = people_told.notices(build(journal.entries(incident), ReviewTargets()), ENGLISH)

    assert table.headings[-1] == "Read by"
    assert [cell(row[-1]).text for row in table.rows] == ["bob and carla", "not known"]


def test_what_people_were_told_under_the_incident_that_found_the_outage_is_told(journal: Journal) -> None:
    found, taken_up = record(journal), record(journal)
    notice = {"id": "it-1", "audience": "it", "message": "outage", "language": "it", "subject": "Disservizio"}
    journal.write(found, "tell", "notice", notice)

    review = build(journal.entries(taken_up), ReviewTargets(), told=journal.entries(found, ("notice",)))

    assert [each.audience for each in review.notices] == ["it"] and "nobody_told" not in {each.code for each in review.lessons}


def test_a_missing_message_a_repetition_and_a_remedy_in_vain_are_to_be_learned_from(journal: Journal) -> None:
    entries = journal.entries(record(journal, replace(OUTCOME, ledger=LEDGER)))
    past = journal.incidents()[0]
    before = replace(past, began=past.began - timedelta(days=5), causes=(CAUSE.code,))
    long_ago = replace(before, began=past.began - timedelta(days=200))

    learned = {each.code: each.values for each in build(entries, ReviewTargets(), [before, long_ago]).lessons}

    assert learned["mail_missing"] == {"count": 1}
    assert learned["recurred"] == {"cause": CAUSE.code, "count": 1}
    assert learned["in_vain"]["title"] == "Start Postfix"
    assert {"no_known_good", "nobody_told", "beginning_not_known"} <= learned.keys()


def test_a_host_that_was_healthy_teaches_nothing(journal: Journal) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "review", "end", {"outcome": {"outcome": "healthy", "scope": "none", "severity": "none"}})
    review = build(journal.entries(incident), ReviewTargets())
    assert (review.lessons, review.intervals, review.impact.seconds) == ((), (), None)
    assert "Mail flows in every way that was tried." in text_of(review)


def test_an_incident_that_was_left_in_the_middle_has_a_review_too(journal: Journal) -> None:
    review = build(journal.entries(record(journal, outcome=None)), ReviewTargets())
    assert "The record has no end of it yet." in text_of(review)
    ElementTree.fromstring(picture.svg(review.entries, ENGLISH))


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        outside = tag in {"script", "link", "img", "iframe"} or "src" in given
        self.loaded += [tag] if outside and given.get("href") != "data:," else []  # no icon: a browser asks for none then


def test_the_page_needs_nothing_else_and_escapes_what_hosts_said(journal: Journal) -> None:
    html = formats.render(reviewed(journal), ENGLISH, "html").decode()
    found = Ids()
    found.feed(html)
    assert found.loaded == [] and len(found.ids) == len(set(found.ids))
    assert "&lt;b&gt;lmtp:unix:x&lt;/b&gt;" in html and "<b>" not in html


def test_the_picture_shows_each_step_as_it_ended_and_says_it_in_words(journal: Journal) -> None:
    entries = journal.entries(record(journal))
    svg = picture.svg(entries, ENGLISH)
    ElementTree.fromstring(svg)  # well-formed
    assert svg.count('class="hollow"') == 1 and svg.count('class="good"') == 1
    assert "Step 1, Start Postfix: undone" in svg and "Step 2, Put the parameter back: kept" in svg


def test_what_came_days_later_leaves_the_picture_as_it_was(journal: Journal) -> None:
    incident = record(journal)
    before = picture.svg(journal.entries(incident), ENGLISH)
    journal.write(incident, "review", "sign", {"signer": "anna", "by": "user", "verification": "0"})
    assert picture.svg(journal.entries(incident), ENGLISH) == before


def test_the_data_is_the_report_and_what_the_review_adds(journal: Journal) -> None:
    data = json.loads(formats.render(reviewed(journal), Language("it"), "json"))
    assert data["host"] == "mail01" and data["language"] == "it"
    assert [each["name"] for each in data["review"]["intervals"]] == ["detection", "response", "repair"]
    assert len(data["timeline"]) == len(reviewed(journal).entries)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_review_is_whole_in_every_language(journal: Journal, code: str) -> None:
    text = text_of(reviewed(journal), Language(code))
    assert "%(" not in text and "None" not in text
    assert text.count("## ") == text_of(reviewed(journal)).count("## ")


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_only_the_records_own_words_are_left_in_english(journal: Journal, code: str) -> None:
    built = page(reviewed(journal), Language(code))
    english = page(reviewed(journal), ENGLISH)
    same = {section.title for section in built.sections} & {section.title for section in english.sections}
    assert same <= {"Impact"}  # which is Dutch, too
    assert "proved" not in text_of(reviewed(journal), Language(code))


def test_telling_people_beside_a_repair_is_no_part_of_its_timeline(journal: Journal) -> None:
    entries = list(journal.entries(record(journal)))
    place = next(number for number, entry in enumerate(entries) if entry.kind == "done")
    notice = replace(entries[place - 1], stage="tell", kind="attempted", payload={"notice": "n1", "channel": "chat"})
    assert picture.svg([*entries[:place], notice, *entries[place:]], ENGLISH) == picture.svg(entries, ENGLISH)


def test_a_message_is_told_by_its_kind_in_the_readers_language(journal: Journal) -> None:
    incident = record(journal)
    for message in get_args(Message):
        payload = {"id": message, "audience": "users", "message": message, "language": "it", "subject": "x"}
        journal.write(incident, "tell", "notice", payload)
    (table,) = people_told.notices(build(journal.entries(incident), ReviewTargets()), Language("nl"))
    told = [row[2] for row in table.rows]
    assert len(set(told)) == len(told) and not set(told) & (set(get_args(Message)) - {"update"})


def test_a_step_that_a_killed_run_left_is_in_the_picture(journal: Journal) -> None:
    incident = record(journal, outcome=None)  # its second step has an intent, and no end
    journal.write(incident, "verify", "look", {"look": {"legs": [], "differences": []}})
    journal.write(incident, "review", "end", {"outcome": {"outcome": "escalated"}})
    assert picture.svg(journal.entries(incident), ENGLISH).count('class="hollow"') == 2

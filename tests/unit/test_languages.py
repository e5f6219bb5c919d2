"""Sentences, times and lengths in the language of those who read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pyremediate.languages import LANGUAGES, Language
from pyremediate.languages.recorded import cause, retold

MOMENT = datetime(2026, 11, 26, 7, 15, tzinfo=UTC)


def test_a_moment_is_told_in_the_readers_zone_and_words():
    told = Language("it", ZoneInfo("Europe/Rome")).moment(MOMENT)

    assert told.startswith("26 novembre 2026, 08:15")


def test_a_moment_names_its_zone():
    assert Language("en").moment(MOMENT) == "26 November 2026, 07:15 UTC"


@pytest.mark.parametrize(("seconds", "told"), [(40, "40 seconds"), (61, "61 seconds"), (720, "12 minutes"), (7300, "2 hours")])
def test_a_length_is_told_in_its_greatest_sensible_unit(seconds, told):
    assert Language("en").span(seconds) == told


def test_a_sentence_without_a_translation_is_told_in_english():
    assert Language("nl").gettext("no such sentence %(here)s", here="anywhere") == "no such sentence anywhere"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_joins_words_by_its_own_and(code):
    assert Language(code).listed(["a", "b", "c"]).startswith("a, b")


def test_a_sentence_of_the_record_is_retold_with_its_values():
    assert retold(Language("fr"), "policy allows restart unattended") == "la politique permet restart sans consentement"
    consent = retold(Language("it"), "Start Postfix: consented to by anna")
    assert consent == "Avviare Postfix: consenso dato da anna"


def test_values_that_are_sentences_too_are_retold_within():
    step = "Start Postfix was not done: policy wants consent for restart."
    assert retold(Language("it"), step).startswith("Avviare Postfix")
    assert "policy" not in retold(Language("it"), step)
    leg = "inbound.connect from client01: timeout: connected, and no answer"
    assert "client01" in retold(Language("fr"), leg) and "answer" not in retold(Language("fr"), leg)


def test_a_servers_words_that_look_like_ours_are_not_taken_for_ours():
    said = "450 4.1.1 reject: RCPT from unknown: mailbox unavailable"
    assert retold(Language("it"), said) == f"«{said}»"


def test_the_account_of_the_queue_is_retold_with_its_numbers():
    account = "3 delayed: 1 delivered, 1 bounced: user unknown, 1 missing. Missing: 3B9CB1D6BF3. 2 test mails: 2 delivered"
    told = retold(Language("it"), f"queue ledger: {account}")
    assert told == (
        "bilancio della coda: in ritardo 3: consegnato 1, restituito al mittente 1 (user unknown), mancante 1; "
        "posta di prova 2: consegnato 2; Mancano: 3B9CB1D6BF3"
    )


def test_a_reason_that_became_a_sentence_is_still_known():
    spent = "The search ended after 12 trials, as many as the settings allow."
    told = retold(Language("nl"), spent)
    assert told[0].isupper() and told.endswith(".") and "12" in told and "settings" not in told


def test_a_title_of_a_fault_is_told_in_the_readers_language():
    assert retold(Language("nl"), "Postfix does not run") == "Postfix draait niet"


def test_a_hosts_own_words_stay_as_they_are_in_quotation_marks():
    assert retold(Language("it"), "454 4.7.0  TLS not available") == "«454 4.7.0 TLS not available»"
    assert retold(Language("en"), "454 4.7.0 TLS not available") == "454 4.7.0 TLS not available"
    assert retold(Language("it"), "") == ""


def test_what_a_search_found_is_told_by_what_differed():
    code, title = "difference/file /etc/ssl/mail/fullchain.pem and 1 more", "The content of … had been changed since 06:50:58 UTC"
    assert cause(Language("en"), code, title) == title
    assert cause(Language("fr"), code, title) == (
        "Un écart par rapport au dernier état de référence\u00a0: file /etc/ssl/mail/fullchain.pem et 1 de plus"
    )
    hung = "Mail stopped until dovecot.service was restarted; nothing that differs from the last known good had stopped it"
    assert cause(Language("nl"), "difference/none", hung).startswith("Mail stond stil tot dovecot.service werd herstart")

"""What a record says in English of its evidence is said in each other language, from the looks that are on record beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pyremediate.diagnosis import catalogue
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.diagnosis.diagnose import diagnose
from pyremediate.diagnosis.facts import facts
from pyremediate.journal import Entry, Journal
from pyremediate.languages import LANGUAGES, SOURCE, Language
from pyremediate.languages.extractors import has_words
from pyremediate.languages.recorded import again
from pyremediate.model import Answer, Difference, Leg, Look, Step, to_json
from pyremediate.repair.plan import human_steps
from pyremediate.review.looks import look_from
from pyremediate.review.retelling import retelling
from pyremediate.search.suspects import Suspect
from pyremediate.search.trial import cause_of, code_of, remedy_for
from tests.unit.evidence_file import read
from tests.unit.incidents import record

FAULTS = catalogue.product_faults()
MATCHES = sorted(FAULTS.glob("*/*/evidence/match_*.json"))
OTHERS = [code for code in LANGUAGES if code != SOURCE]
SINCE = datetime(2026, 11, 26, 2, 14, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return catalogue.load()


def on_record(journal: Journal, look: Look, known: Catalogue) -> tuple[list[Entry], list[str]]:
    """The entries of an incident with this look, and what was said of it in English."""
    incident = record(journal, None)
    diagnosis = diagnose(known, look)
    journal.write(incident, "assess", "look", {"look": look})
    journal.write(incident, "diagnose", "diagnose", {"diagnosis": to_json(diagnosis)})
    typed = {line for cause in diagnosis.causes for line in cause.by_hand}
    said = [sentence for cause in diagnosis.causes for sentence in cause.evidence]
    return list(journal.entries(incident)), [*said, *(step for step in human_steps(diagnosis, ()) if step not in typed)]


@pytest.mark.parametrize("path", MATCHES, ids=lambda path: str(path.relative_to(FAULTS).with_suffix("")))
def test_what_was_said_of_recorded_evidence_is_said_in_each_language(path: Path, journal: Journal, known: Catalogue) -> None:
    look = read(path)
    entries, said = on_record(journal, look, known)
    fault = known.get(f"{path.parts[-4]}/{path.parts[-3]}")
    ours = {text.render(facts(look)) for text in (*fault.evidence, *fault.escalate) if has_words(text.source)}

    for code in OTHERS:
        language = retelling(Language(code), entries, known)
        told = {sentence: again(language, sentence) for sentence in said}
        assert all(told.values()), (code, [sentence for sentence in said if not told[sentence]])
        assert [sentence for sentence in said if sentence in ours and told[sentence] == sentence] == []


def test_a_look_comes_out_of_the_record_as_it_went_in() -> None:
    for path in MATCHES:
        look = read(path)
        assert to_json(look_from(json.loads(json.dumps(to_json(look))))) == to_json(look), path


def test_a_sentence_of_a_fault_that_has_changed_since_is_not_made_up(journal: Journal, known: Catalogue) -> None:
    path = next(path for path in MATCHES if "postfix_stopped" in str(path))
    entries, said = on_record(journal, read(path), known)
    fault = known.get("services/postfix_stopped")
    changed = Catalogue((replace(fault, evidence=(), escalate=()),))

    assert again(retelling(Language("it"), entries, known), said[0])
    assert again(retelling(Language("it"), entries, changed), said[0]) == ""


def test_what_a_search_found_is_told_by_what_had_happened(journal: Journal, known: Catalogue) -> None:
    chosen = [
        Suspect(Difference("postfix.parameter", "virtual_transport", "lmtp:x", "lmtp:y", since=SINCE), 4, 0),
        Suspect(Difference("file", "/etc/aliases", aspect="missing", was="x"), 4, 0),
    ]
    incident = record(journal, None)
    look = Look("mail01", differences=[each.difference for each in chosen], known_good_at=SINCE)
    remedy = remedy_for([each.difference for each in chosen], look)
    journal.write(incident, "fix", "intent", {"step": Step(7, code_of(chosen), remedy, "x-7", "intent")})
    cause = cause_of(chosen, Leg("inbound", "connect", Answer.FAIL, "client01", "timeout: connected, and no answer"))
    language = retelling(Language("it"), journal.entries(incident), known)

    assert "02:14:07 UTC" in again(language, cause.title) and "virtual_transport" in again(language, cause.title)
    for sentence in (cause.title, *cause.evidence, remedy.title):
        told = again(language, sentence)
        assert told and told != sentence
        assert not {"the", "had", "was", "did"} & set(told.split()), told

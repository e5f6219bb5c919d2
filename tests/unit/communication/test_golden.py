"""Every message to every audience in every language, for a native reader: ``golden/<language>/<message>-<audience>.txt``.

``python -m tests.unit.communication.test_golden`` writes the files anew; read what has changed before it is committed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pyremediate.communication.due import next_moment
from pyremediate.communication.example import MOMENTS, after
from pyremediate.communication.render import TEST, Reader, Text, text
from pyremediate.communication.settings import MESSAGES, CommunicationSettings
from pyremediate.languages import LANGUAGES, Language

GOLDEN = Path(__file__).with_name("golden")
AUDIENCES = ("it", "management", "users", "partners", "clinic")  # the last one: a team's own
ZONES = {"en": "Europe/London", "pt": "Europe/Lisbon"}  # of the others: Europe/Rome
ALTERNATIVES = {  # by a team, in its settings
    "en": "Please use the telephone; the numbers are on the intranet.",
    "it": "Vi preghiamo di usare il telefono; i numeri sono sulla intranet.",
    "pt": "Por favor, use o telefone; os números estão na intranet.",
    "fr": "Veuillez utiliser le téléphone ; les numéros figurent sur l'intranet.",
    "nl": "Gebruik de telefoon; de nummers staan op het intranet.",
    "es": "Utilice el teléfono; los números están en la intranet.",
}
MEASURES = {  # by people, in their own words
    "en": "Load packet filter rules from one file.",
    "it": "Caricare le regole del firewall da un solo file.",
    "pt": "Carregar as regras do firewall de um só arquivo.",
    "fr": "Charger les règles du pare-feu à partir d'un seul fichier.",
    "nl": "De firewallregels uit één bestand laden.",
    "es": "Cargar las reglas del cortafuegos desde un único archivo.",
}
ENGLISH = re.compile(  # words that none of the other five languages has
    r"\b(the|are|were|has|have|being|and|since|with|from|by|that|this|not|repair|step|next|unknown)\b",
    re.IGNORECASE,
)
LIKE_ENGLISH = re.compile(r"pyremediate [a-z -]+|e-mail", re.IGNORECASE)
CASES = [(code, message, audience) for code in LANGUAGES for message in (*MESSAGES, TEST) for audience in AUDIENCES]


def rendered(code: str, message: str, audience: str) -> Text:
    facts = MOMENTS.get(message)
    if facts and facts.measures:
        facts = replace(facts, measures=(MEASURES[code],))
    language = Language(code, ZoneInfo(ZONES.get(code, "Europe/Rome")))
    following = next_moment(facts, CommunicationSettings(), after(1)) if facts else None
    return text(message, Reader(audience, language, ALTERNATIVES[code]), facts, following)


def page(made: Text) -> str:
    return f"{made.subject}\n\n{made.body}\n"


def golden(code: str, message: str, audience: str) -> Path:
    return GOLDEN / code / f"{message}-{audience}.txt"


@pytest.mark.parametrize(("code", "message", "audience"), CASES)
def test_a_message_reads_as_it_was_approved(code, message, audience):
    assert page(rendered(code, message, audience)) == golden(code, message, audience).read_text()


def test_there_is_no_golden_file_of_a_message_that_is_not_sent():
    assert {*GOLDEN.rglob("*.txt")} == {golden(*case) for case in CASES}


@pytest.mark.parametrize(("code", "message", "audience"), CASES)
def test_no_message_shows_a_key_a_placeholder_or_nothing(code, message, audience):
    shown = page(rendered(code, message, audience))

    assert not re.search(r"None|%\(|\{\{|\}\}|\{%|undefined|Doing\.|__|\b[a-z]+_[a-z_]+\b| ,|\(\)|  ", shown)
    assert not re.search(r"firewall/|^\s*[:.]", shown, re.MULTILINE)


@pytest.mark.parametrize(("code", "message", "audience"), [case for case in CASES if case[0] != "en"])
def test_no_message_in_another_language_has_english_words_left(code, message, audience):
    assert ENGLISH.findall(LIKE_ENGLISH.sub("", page(rendered(code, message, audience)))) == []


if __name__ == "__main__":
    for case in CASES:
        golden(*case).parent.mkdir(parents=True, exist_ok=True)
        golden(*case).write_text(page(rendered(*case)))

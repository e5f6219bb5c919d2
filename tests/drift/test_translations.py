"""What is told to people exists in every language, whole."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog

from pyremediate import languages
from pyremediate.languages import recorded

ROOT = Path(__file__).parents[2]
OTHERS = [code for code in languages.LANGUAGES if code != languages.SOURCE]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def read(code: str) -> Catalog:
    with (ROOT / "pyremediate/languages" / f"{code}.po").open("rb") as source:
        return pofile.read_po(source, locale=code, abort_invalid=True)


@cache
def told() -> frozenset[object]:
    """Every sentence of the sources, by its identity in a catalogue."""
    script = (ROOT / "scripts/translations").read_text()
    options = re.search(r"extract (.*?)--omit-header", script, re.DOTALL)[1].replace("\\\n", " ").split()
    command = [str(ROOT / ".venv/bin/pybabel"), "--quiet", "extract", *options, "--output", "/dev/stdout", "pyremediate", "faults"]
    extracted = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    assert extracted  # a catalogue without a sentence has its comment at least
    return frozenset(message.id for message in pofile.read_po(extracted.splitlines(keepends=True)) if message.id)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_sentence_and_no_other(code):
    mine = {message.id for message in read(code) if message.id}

    assert told() - mine == set(), "run scripts/translations, and translate what is new"
    assert mine - told() == set(), "run scripts/translations: these are told nowhere"


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_in_every_form_with_its_values(code):
    wrong = []
    for message in read(code):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        needed, allowed = set(PLACEHOLDER.findall(sources[0])) - {"count"}, set(PLACEHOLDER.findall(sources[-1]))
        for form in forms:
            found = set(PLACEHOLDER.findall(form))
            if not form or message.fuzzy or not needed <= found <= allowed | needed:
                wrong.append((sources[0], form))

    assert wrong == []


def test_what_is_retold_of_the_record_is_still_said():
    """``recorded.KNOWN`` finds sentences by their words: one that was reworded would be quoted in English from then on."""
    own = ROOT / "pyremediate/languages"
    sources = [path.read_text() for path in (ROOT / "pyremediate").rglob("*.py") if own not in path.parents]
    for sentence in recorded.KNOWN:
        for part in PLACEHOLDER.split(sentence)[::2]:
            ending = part.strip()[-25:]  # a verb before it may be chosen by number
            assert any(ending in source for source in sources), sentence

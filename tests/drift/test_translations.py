"""What is told to people exists in every language, whole."""

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog
from jinja2 import Environment

from pyremediate import languages
from pyremediate.languages import recorded

ROOT = Path(__file__).parents[2]
OTHERS = [code for code in languages.LANGUAGES if code != languages.SOURCE]
ROOMS = ("pyremediate", "faults", "roles")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


# English alone, in none of the other languages; what is typed, and what is filled in, is not told in any.
ENGLISH = frozenset({
    "the", "and", "with", "which", "has", "been", "from", "that", "this", "its", "not", "are", "does", "were", "will", "would",
    "after", "before", "every", "nothing", "whose", "there",
})  # fmt: skip
WORD = re.compile(r"[^\W\d_]+")
NOT_WORDS = re.compile(r"`[^`]*`|%\(\w+\)s|\{[{%].*?[%}]\}|<[^>]*>|\S*[/_.]\S+|«[^»]*»|“[^”]*”|--?\w[\w-]*")


def instructions(template: str) -> Counter[tuple[str, str]]:
    """What a template does, in any order: its names, operators and numbers."""
    found, inside = Counter[tuple[str, str]](), False
    for _, kind, value in Environment(autoescape=True).lex(template):
        if kind in {"variable_begin", "block_begin"}:
            inside = True
        elif kind in {"variable_end", "block_end"}:
            inside = False
        elif inside and kind in {"name", "operator", "integer", "float"}:
            found[kind, value] += 1
    return found


def read(code: str) -> Catalog:
    with (ROOT / "pyremediate/languages" / f"{code}.po").open("rb") as source:
        return pofile.read_po(source, locale=code, abort_invalid=True)


@cache
def told() -> frozenset[object]:
    """Every sentence of the sources, by its identity in a catalogue."""
    script = (ROOT / "scripts/translations").read_text()
    options = re.search(r"extract (.*?)--omit-header", script, re.DOTALL)[1].replace("\\\n", " ").split()
    command = [str(ROOT / ".venv/bin/pybabel"), "--quiet", "extract", *options, "--output", "/dev/stdout", *ROOMS]
    extracted = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    assert extracted  # a catalogue without a sentence has its comment at least
    return frozenset(message.id for message in pofile.read_po(extracted.splitlines(keepends=True)) if message.id)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_every_sentence_and_no_other(code):
    mine = {message.id for message in read(code) if message.id}

    assert told() - mine == set(), "run scripts/translations, and translate what is new"
    assert mine - told() == set(), "run scripts/translations: these are told nowhere"


@pytest.mark.parametrize("code", OTHERS)
def test_every_number_has_its_form_whatever_babel_holds_to_be_the_forms_of_the_language(code):
    """Babel 2.19 counts three in some of these languages, and 2.18 two: a catalogue without a header would be read as either."""
    one, many = "%(count)s repair step was kept.", "%(count)s repair steps were kept."

    told = {count: languages.Language(code).ngettext(one, many, count) for count in (0, 1, 2, 5, 1_000_000)}

    assert "Plural-Forms: nplurals=2" in (ROOT / "pyremediate/languages" / f"{code}.po").read_text()
    assert told[2].replace("2", "5") == told[5] != told[1].replace("1", "5")
    assert not any("repair step" in words for words in told.values())


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left_in_a_translation(code):
    left = []
    for message in read(code):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms if message.id else ():
            words = {word.lower() for word in WORD.findall(NOT_WORDS.sub(" ", form))}
            if words & ENGLISH:
                left.append((words & ENGLISH, form))

    assert left == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translated_template_asks_the_evidence_the_same(code):
    """A fault's sentence with values is a template: only its words, and literals that are shown, may differ."""
    wrong = []
    for message in read(code):
        if isinstance(message.id, str) and "{" in message.id and instructions(message.id) != instructions(message.string):
            wrong.append((message.id, message.string))

    assert wrong == []


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
    code = [path for room in ("pyremediate", "plugins") for path in (ROOT / room).rglob("*.py") if own not in path.parents]
    sources = [path.read_text() for path in code]
    for sentence in recorded.KNOWN:
        for part in PLACEHOLDER.split(sentence)[::2]:
            ending = part.removesuffix("; if ").strip(" :;,.")[-25:]  # a verb before it may be chosen by number
            assert any(ending in source for source in sources), sentence

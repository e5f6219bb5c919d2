"""The sentences of one incident's record, said again in another language by making them once more from what they tell of.

The journal keeps each sentence as it was said, in English, and beside it the looks and differences from which it was made. One is
made anew only where the same words come out in English too: a fault whose folder has changed since is quoted. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyremediate.comparison import telling
from pyremediate.comparison.differences import named_in
from pyremediate.comparison.telling import had_happened
from pyremediate.diagnosis.catalogue import Catalogue, Fault
from pyremediate.diagnosis.conditions import Text
from pyremediate.diagnosis.facts import facts
from pyremediate.journal import Entry, steps
from pyremediate.languages import ENGLISH, SOURCE, Language
from pyremediate.languages.recorded import again
from pyremediate.model import SEARCHED, Difference
from pyremediate.review.looks import difference_from, look_from

Facts = Mapping[str, Any]
Maker = Callable[[Language], str]


@dataclass(frozen=True)
class Retelling(Language):
    """A language that knows what the sentences of one record were made from."""

    made: Mapping[str, Maker] = field(default_factory=dict, hash=False)

    def recall(self, words: str) -> str:
        """See ``Language``."""
        maker = self.made.get(words)
        return maker(self) if maker else ""


def retelling(language: Language, entries: Sequence[Entry], faults: Catalogue) -> Retelling:
    """The language in which this record is read, if that is not ``SOURCE``, in which it was written."""
    return Retelling(language.code, language.zone, {maker(ENGLISH): maker for maker in _makers(entries, faults)})


def _makers(entries: Sequence[Entry], faults: Catalogue) -> Iterator[Maker]:
    codes = {cause["code"] for entry in entries if entry.kind == "diagnose" for cause in entry.payload["diagnosis"]["causes"]}
    texts = [text for fault in faults.faults if fault.code in codes for text in _texts(fault)]
    for entry in entries:
        if entry.kind == "look":
            look = look_from(entry.payload["look"])
            names = facts(look)
            yield from (partial(_rendered, text, names) for text in texts)
            yield from _of_differences([*look.differences, *(each for device in look.devices for each in device.differences)])
    for step in steps(entries):
        put_back = [difference_from(each) for each in named_in(step.remedy.variables)]
        if put_back and step.cause.startswith(SEARCHED):
            yield from _of_differences(put_back)
            yield partial(telling.title, put_back)


def _texts(fault: Fault) -> Iterator[Text]:
    yield from (*fault.evidence, *fault.escalate)
    yield from (remedy.otherwise for remedy in fault.remedies if remedy.otherwise)


def _rendered(text: Text, names: Facts, language: Language) -> str:
    if language.code == SOURCE:
        return text.render(names) or ""
    return Text(language.gettext(text.source)).render({**names, **_retold(names, language)}) or ""


def _retold(names: Facts, language: Language) -> Facts:
    """The names whose values are sentences or words of ours."""

    def own(words: str) -> str:
        return again(language, words) or words

    def legs(name: str) -> Callable[..., list[str]]:
        return lambda *pattern: [own(words) for words in names[name](*pattern)]

    def parts(*healths: str) -> list[dict[str, Any]]:
        return [{**part, "kind": own(part["kind"]), "words": own(part["words"])} for part in names["board_parts"](*healths)]

    silent = {"unreachable": own(names["unreachable"])} if "unreachable" in names else {}
    return {"failing": legs("failing"), "said": legs("said"), "board_parts": parts, **silent}


def _of_differences(differences: Iterable[Difference]) -> Iterator[Maker]:
    """As a cause has it, and as evidence has it: the latter is short, and in no language but English."""
    for difference in differences:
        yield partial(had_happened, difference)
        yield partial(_sentence, difference, "")
        yield partial(_sentence, difference, ".")


def _sentence(difference: Difference, end: str, language: Language) -> str:
    if language.code == SOURCE:
        return f"{difference.sentence()}{end}"
    return f"{telling.title([difference], language)}." if end else had_happened(difference, language)

"""A team's own templates: file by file, tried beforehand, and never the reason that nobody is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.communication import render
from pyremediate.communication.example import OUTAGE, OVER, after
from pyremediate.communication.render import Reader
from pyremediate.communication.values import Fault
from pyremediate.errors import UsageError
from pyremediate.languages import Language

IT = Reader("it", Language("en"))


def own(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return directory


def test_a_file_of_the_team_takes_the_place_of_ours_and_the_others_stay(tmp_path):
    own(tmp_path, "parts/end.txt.j2", "\nThe IT department, extension 1234.\n")

    made = render.text("outage", IT, OUTAGE, after(30), tmp_path)

    assert made.body.endswith("\n\nThe IT department, extension 1234.") and made.subject.startswith("E-mail disruption since")


def test_a_file_for_one_audience_goes_before_the_one_for_all(tmp_path):
    own(tmp_path, "outage/it.txt.j2", "Mail is down on {{ facts.host }}\n\nGo.\n")

    assert render.text("outage", IT, OUTAGE, None, tmp_path).subject == "Mail is down on mail01"
    assert render.text("outage", Reader("users", IT.language), OUTAGE, None, tmp_path).subject.startswith("E-mail")


BROKEN = {
    "Subject\n\n{{ facts.hots }}": "has no attribute 'hots'",
    "Subject\n\n{% if %}": "Expected an expression",
    "Subject alone": "gives no subject in its first line, or no text after it",
    "Subject\n\n{{ facts.__class__.__mro__ }}": "unsafe",
    "Subject\n\n{% include 'nowhere' %}": "nowhere",
}


@pytest.mark.parametrize(("template", "complaint"), BROKEN.items())
def test_a_broken_file_is_an_error_beforehand_and_ours_is_used_in_an_outage(template, complaint, tmp_path):
    own(tmp_path, "outage/default.txt.j2", template)

    with pytest.raises(UsageError, match="correct the template") as error:
        render.check(tmp_path, "outage", IT, OUTAGE, None)
    made = render.text("outage", IT, OUTAGE, None, tmp_path)

    assert complaint in str(error.value) and "outage for it" in str(error.value)
    assert made.subject.startswith("E-mail disruption since") and "were not used" in made.trouble


def test_a_directory_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="there is no such directory; correct communication"):
        render.check(tmp_path / "gone", "outage", IT, OUTAGE, None)


def test_a_short_text_is_the_subject_and_the_first_paragraph():
    made = render.text("outage", IT, OUTAGE, after(30))

    assert made.short.splitlines() == [made.subject, made.body.splitlines()[0]]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("firewall/port_25_dropped", "A packet filter rule keeps mail from port 25"), "Una regola del filtro di pacchetti"),
        (Fault("difference/unit postfix.service", "unit postfix.service: changed"), "unit postfix.service"),
        (Fault("postfix/of_our_house", "A fault of our house"), "Il servizio di trasporto del server di posta"),
    ],
)
def test_a_cause_is_told_in_the_readers_language_whether_a_rule_named_it_or_a_search(fault, told):
    made = render.text("outage", Reader("it", Language("it")), replace(OUTAGE, causes=(fault,)), None)

    assert told in made.body and "of our house" not in made.body and "“" not in made.body


def test_a_measure_without_a_translation_is_left_out():
    fault = Fault("postfix/of_our_house", "A fault of our house", ("Do not do it again.",))

    assert "again" not in render.text("resolved", Reader("it", Language("it")), replace(OVER, causes=(fault,)), None).body
    assert "again" in render.text("resolved", IT, replace(OVER, causes=(fault,)), None).body

"""What users are told: a disruption from its first look until mail was proved to flow, and nothing from inside the house."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pyremediate import pipeline, settings
from pyremediate.errors import UsageError
from pyremediate.journal import Entry, Journal
from pyremediate.languages import LANGUAGES
from pyremediate.progress import Silent
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import StatusPageSettings
from pyremediate.status_page import keeper, writing
from pyremediate.status_page.keeper import kept_current
from pyremediate.status_page.pages import Appearance, files
from pyremediate.status_page.state import DAYS, status
from pyremediate.status_page.values import Checked, Status
from tests.unit.incidents import record

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
WELL = {"answer": "pass", "scope": "none"}
INBOUND = {"answer": "fail", "scope": "inbound"}


class Story:
    """Entries, one after the other; each incident of one host."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, incident: str, at: datetime, kind: str, host: str = "mail01", **payload: Any) -> None:
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, incident, host, at, "anna", "x", kind, payload, "", ""))

    def incident(
        self,
        name: str,
        hours_ago: float,
        outcome: str | None,
        *assessments: dict[str, str],
        host: str = "mail01",
        minutes: float = 30,
    ) -> None:
        began = NOW - timedelta(hours=hours_ago)
        self.add(name, began, "begin", host)
        for number, each in enumerate(assessments):
            self.add(name, began + timedelta(seconds=number), "assess", host, assessment=each)
        cause = {"title": "Postfix does not run", "code": "services/postfix_stopped"}
        self.add(name, began + timedelta(seconds=2), "diagnose", host, diagnosis={"causes": [cause]})
        if outcome:
            self.add(name, began + timedelta(minutes=minutes), "end", host, outcome={"outcome": outcome})

    def told(self, checked: Checked | None = None, first: datetime | None = LONG_AGO) -> Status:
        return status(self.entries, NOW, UTC, first, checked)


def states(told: Status) -> dict[str, str]:
    return {service.way: service.state for service in told.services}


def test_without_an_incident_no_disruption_is_known_and_the_days_are_well() -> None:
    told = Story().told()
    assert set(states(told).values()) == {"well"} and told.running == () and told.past == ()
    assert [len(service.days) for service in told.services] == [DAYS] * 4
    assert {day.state for service in told.services for day in service.days} == {"well"}


def test_days_before_the_record_begins_are_not_told_as_well() -> None:
    days = Story().told(first=NOW - timedelta(days=2)).services[0].days
    assert [day.state for day in days[-4:]] == ["no_record", "well", "well", "well"]
    assert {day.state for day in Story().told(first=None).services[0].days} == {"no_record"}


def test_while_an_incident_goes_on_its_services_are_disrupted_and_no_others() -> None:
    story = Story()
    story.incident("a", 1, None, INBOUND)
    told = story.told()
    assert states(told) == {"inbound": "disrupted", "submission": "well", "outbound": "well", "retrieval": "well"}
    assert [update.code for update in told.running[0].updates] == ["noticed", "cause"]


def test_a_repair_ends_it_and_its_day_tells_how_long_it_was() -> None:
    story = Story()
    story.incident("a", 5, "repaired", INBOUND)
    told = story.told()
    assert told.running == () and [update.code for update in told.past[0].updates][-1] == "restored"
    assert (told.services[0].days[-1].state, told.services[0].days[-1].seconds) == ("disrupted", 1800.0)
    assert told.services[1].days[-1].state == "well"


def test_what_was_handed_to_people_goes_on_until_a_later_look_finds_mail_flowing() -> None:
    story = Story()
    story.incident("a", 5, "escalated", INBOUND)
    story.incident("b", 3, "escalated", {"answer": "fail", "scope": "all"})
    assert states(story.told()) == dict.fromkeys(("inbound", "submission", "outbound", "retrieval"), "disrupted")
    assert "again" in {update.code for update in story.told().running[0].updates}

    story.incident("c", 1, "healthy", WELL)
    told = story.told()
    assert told.running == () and len(told.past) == 1
    assert told.past[0].ended == NOW - timedelta(minutes=30)


def test_a_host_that_was_well_from_its_first_look_on_is_no_disruption() -> None:
    story = Story()
    story.incident("a", 5, "healthy", WELL)
    assert story.told().past == ()


def test_two_hosts_at_once_are_one_disruption_of_the_service() -> None:
    story = Story()
    story.incident("a", 5, "repaired", INBOUND)
    story.incident("b", 4.75, "repaired", INBOUND, host="mail02")
    assert story.told().services[0].days[-1].seconds == 45 * 60


def test_a_night_between_two_days_is_counted_on_both() -> None:
    story = Story()
    story.incident("a", 13, "repaired", INBOUND, minutes=120)
    days = story.told().services[0].days
    assert [(day.state, day.seconds) for day in days[-2:]] == [("disrupted", 3600.0), ("disrupted", 3600.0)]


def test_mail_that_fails_from_some_networks_only_is_told_so() -> None:
    story = Story()
    story.incident("a", 1, None, {"answer": "fail", "scope": "inbound from peer01"})
    assert states(story.told())["inbound"] == "partly"


def test_a_refused_sign_off_says_that_it_is_not_over() -> None:
    story = Story()
    story.incident("a", 5, "repaired", INBOUND)
    story.add("a", NOW - timedelta(hours=4), "refuse", signer="anna", by="user", reason="IMAP is slow")
    told = story.told()
    assert states(told)["inbound"] == "disrupted"
    assert told.running[0].updates[-1].code == "denied"


def test_what_could_not_be_determined_is_not_told_as_well() -> None:
    story = Story()
    story.incident("a", 1, "unknown", {"answer": "unknown", "scope": "none"})
    assert set(states(story.told()).values()) == {"unknown"}


def test_a_disruption_of_long_ago_is_not_told() -> None:
    story = Story()
    story.incident("a", 24 * (DAYS + 2), "repaired", INBOUND)
    assert story.told().past == ()


def shown(told: Status, appearance: Appearance | None = None) -> dict[str, str]:
    return files(told, UTC, appearance or Appearance())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_page_with_every_name_of_a_language(code: str) -> None:
    story = Story()
    story.incident("a", 50, "repaired", INBOUND)
    story.incident("b", 1, None, {"answer": "fail", "scope": "all"})
    page = shown(story.told())[f"{code}.html"]
    assert f'<html lang="{code}">' in page and all(name in page for name in LANGUAGES.values())
    assert "%(" not in page and "None" not in page.replace("None within", "")


def test_the_public_page_names_no_host_and_no_cause() -> None:
    story = Story()
    story.incident("20261126-120000-mail01", 50, "repaired", INBOUND)
    story.incident("20261126-130000-mail01", 1, None, INBOUND)
    assert not any("mail01" in text or "Postfix" in text for text in shown(story.told()).values())
    inside = shown(story.told(), Appearance(details=True))["en.html"]
    assert inside.count("mail01: Postfix does not run") == 2


def test_a_page_loads_nothing_from_elsewhere() -> None:
    for text in shown(Story().told()).values():
        assert not re.search(r"https?://|src=|@import|url\(", text)


def test_what_the_settings_say_is_escaped() -> None:
    page = shown(Story().told(), Appearance("Fish & <Chips>", 'call "me"'))["en.html"]
    assert "Fish &amp; &lt;Chips&gt;" in page and "call &#34;me&#34;" in page


def test_a_check_that_noticed_a_problem_is_told_before_anybody_works_on_it() -> None:
    assert "The last check noticed a problem" in shown(Story().told(Checked(NOW, False)))["en.html"]
    assert "No disruption is known" in shown(Story().told(Checked(NOW, True)))["en.html"]


def test_files_are_readable_for_everybody_and_nothing_else_is_left(tmp_path: Path) -> None:
    writing.write(tmp_path / "new", {"index.html": "x", "en.html": "y"})
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {"index.html": 0o644, "en.html": 0o644}


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file: the status page cannot be written"):
        writing.write(tmp_path / "file", {"index.html": "x"})


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path / "state"))
    return tmp_path


def test_the_page_follows_a_run_to_its_end(state: Path) -> None:
    wanted, notes = StatusPageSettings(directory=state / "www", timezone="Europe/Rome"), []
    with Journal.open(f"sqlite:///{state}/journal.sqlite") as journal:
        with kept_current(journal, wanted, notes.append):
            record(journal)
        page = (state / "www" / "it.html").read_text()
    assert notes == [] and f"{datetime.now(ZoneInfo('Europe/Rome')):%H}:" in page
    assert page.count("<article>") == 1  # the past disruption


def test_a_page_that_cannot_be_written_is_noted_and_holds_nothing_up(state: Path) -> None:
    (state / "file").write_text("")
    notes: list[str] = []
    with Journal.open(f"sqlite:///{state}/journal.sqlite") as journal:
        with kept_current(journal, StatusPageSettings(directory=state / "file"), notes.append):
            incident = record(journal)
        assert journal.entries(incident)
    assert notes and "cannot be written" in notes[-1]


def test_a_directory_that_hangs_holds_nothing_up(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released, begun = threading.Event(), threading.Event()

    def hangs(*_: object) -> None:
        begun.set()
        released.wait()

    monkeypatch.setattr(writing, "render", hangs)
    monkeypatch.setattr(keeper, "LAST_SECONDS", 0.05)
    with Journal.open(f"sqlite:///{state}/journal.sqlite") as journal:
        with kept_current(journal, StatusPageSettings(directory=state / "www"), pytest.fail):
            incident = record(journal)
        assert begun.wait(30) and not released.is_set()  # it still hangs, and the run has ended
        assert journal.entries(incident)[-1].kind == "end"
    released.set()


def test_without_a_directory_nobody_is_started(state: Path) -> None:
    with (
        Journal.open(f"sqlite:///{state}/journal.sqlite") as journal,
        kept_current(journal, StatusPageSettings(), pytest.fail),
    ):
        record(journal)


def test_a_run_keeps_the_page_where_the_settings_want_it(state: Path) -> None:
    wanted = settings.Settings(status_page=StatusPageSettings(directory=state / "www"))
    request = Request("mail01", AnsibleOptions(), wanted, "anna")
    with pipeline._journal(request, Silent()) as journal:
        record(journal)
    assert "Past disruptions" in (state / "www" / "en.html").read_text()

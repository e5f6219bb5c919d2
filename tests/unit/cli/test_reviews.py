"""incident review, report trends, status-page: what is told to those who were not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from tests.unit.cli.stage import Played, run
from tests.unit.incidents import OUTCOME


def test_a_review_is_written_in_each_format_and_language(incident: str, tmp_path: Path) -> None:
    assert run("incident", "review", incident).stdout.startswith("# Post-incident review: mail01, ")
    assert run("incident", "review", incident, "--language", "fr").stdout.startswith("# Bilan de l'incident")
    assert json.loads(run("incident", "review", incident, "--format", "json").stdout)["review"]["intervals"]
    page = tmp_path / "review.html"
    assert run("incident", "review", incident, "--format", "html", "-o", str(page)).stdout == f"{page}\n"
    assert page.read_text().startswith("<!DOCTYPE html>") and page.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists already"):
        run("incident", "review", incident, "-o", str(page))


def test_the_settings_say_the_targets_the_zone_and_who_must_sign(incident: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("review: {targets: {repair_minutes: null}, timezone: Asia/Tokyo}\nsign_off: {required_signers: 2}\n")
    text = run("incident", "review", incident, "--settings", str(settings)).stdout
    assert "no target is set" in text and "JST" in text and "awaits its sign-off" in text
    settings.write_text("review: {timezone: Europe/Roma}\n")
    with pytest.raises(UsageError, match="there is no time zone Europe/Roma; write it as Europe/Rome"):
        run("incident", "review", incident, "--settings", str(settings))


def test_trends_are_text_page_or_data(incident: str, tmp_path: Path) -> None:
    assert "* Incidents: **1**" in run("report", "trends").stdout
    assert json.loads(run("report", "trends", "--format", "json").stdout)["cases"][0]["id"] == incident
    page = tmp_path / "trends.html"
    run("report", "trends", "--format", "html", "--language", "es", "-o", str(page))
    assert '<html lang="es">' in page.read_text()


def test_the_status_page_goes_where_it_is_wanted(incident: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("status_page: {directory: www, name: Example Ltd}\n")
    assert run("status-page", "render", "--settings", str(settings)).stdout == f"{tmp_path / 'www' / 'index.html'}\n"
    assert sorted(path.name for path in (tmp_path / "www").iterdir()) == [
        "en.html", "es.html", "fr.html", "index.html", "it.html", "nl.html", "pt.html",
    ]  # fmt: skip
    run("status-page", "render", "-o", str(tmp_path / "other"))
    assert (tmp_path / "other" / "index.html").is_file()
    with pytest.raises(UsageError, match="name a directory with --output"):
        run("status-page", "render")


def test_a_run_of_a_timer_brings_the_status_page_forward(played: Played, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("status_page: {directory: www}\n")
    played.answers = [[OUTCOME], [replace(OUTCOME, outcome="failing")]]
    assert run("schedule", "run", "check", "--settings", str(settings)).exit_code == 0
    assert "No disruption is known" in (tmp_path / "www" / "en.html").read_text()
    assert run("schedule", "run", "check", "--settings", str(settings)).exit_code == 1
    page = (tmp_path / "www" / "en.html").read_text()
    assert "The last check noticed a problem" in page and "last checked: " in page


def test_a_language_that_there_is_not_is_refused(incident: str) -> None:
    refused = run("incident", "review", incident, "--language", "de")
    assert refused.exit_code == 2 and "'de' is not one of 'en', 'it', 'pt', 'fr', 'nl', 'es'" in refused.output

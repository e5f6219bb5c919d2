"""The settings are strict, and every error is told at once, with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from pyremediate import settings
from pyremediate.errors import UsageError

GOOD = """\
---
inventory: [hosts.yml, "a,b,"]
faults: [ours]
journal:
  url: postgresql://u@h/j
policy:
  unattended: [restart]
  never: [network]
timeouts:
  mail_wait: 5
"""

BAD = """\
---
inventory: hosts.yml
policy:
  atempts: 4
  attempts: 0
  never: [restart]
  attempts: many
timeouts:
  vantage: 10
jurnal: {}
journal:
  url: mysql://root:hunter2@h/x
"""


@pytest.fixture(autouse=True)
def nothing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYREMEDIATE_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(settings, "SYSTEM_WIDE", tmp_path / "etc" / "settings.yml")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_count() -> None:
    found = settings.load()
    assert found.source is None and found.inventory is None
    assert found.policy.unattended == ("restart", "reconfigure", "rollback") and found.policy.attempts == 3


def test_a_file_is_read_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    path = write(tmp_path / "etc" / "settings.yml", GOOD)
    found = settings.load()
    assert found.source == path
    assert found.inventory == (str(path.parent / "hosts.yml"), "a,b,")
    assert found.faults == (path.parent / "ours",)
    assert (found.policy.unattended, found.policy.never, found.timeouts.mail_wait) == (("restart",), ("network",), 5)


def test_the_nearest_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = ["etc/settings.yml", "config/pyremediate/settings.yml", "here/pyremediate.yml"]
    for number, place in enumerate(places, 1):
        write(tmp_path / place, f"policy: {{attempts: {number}}}")
        assert settings.load().policy.attempts == number
    monkeypatch.setenv("PYREMEDIATE_SETTINGS", str(write(tmp_path / "four.yml", "policy: {attempts: 4}")))
    assert settings.load().policy.attempts == 4
    assert settings.load(str(write(tmp_path / "five.yml", "policy: {attempts: 5}"))).policy.attempts == 5


def test_a_file_that_was_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"no\.yml: there is no such settings file; correct --settings"):
        settings.load("no.yml")
    monkeypatch.setenv("PYREMEDIATE_SETTINGS", "gone.yml")
    with pytest.raises(UsageError, match=r"gone\.yml: .*correct PYREMEDIATE_SETTINGS"):
        settings.load()


def test_every_error_is_told_with_its_line_and_mend_and_no_secret(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.yml", BAD)
    with pytest.raises(UsageError) as raised:
        settings.load(str(path))
    lines = [line.removeprefix(f"{path}:") for line in str(raised.value).splitlines()]
    assert lines == [
        "7: attempts stands here a second time; keep one",
        "2: inventory: should be a list, not 'hosts.yml'",
        "4: policy.atempts: there is no such setting; did you mean attempts?",
        "5: policy.attempts: should be a valid integer, not 'many'",
        "6: policy.never: restart cannot be both in never and in unattended; take it out of one",
        "8: timeouts.mail_wait: should be less than timeouts.vantage (10), which it is a part of",
        "10: jurnal: there is no such setting; did you mean journal?",
        "12: journal.url: should begin with sqlite:// or postgresql://",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"policy: {attempts: 3", r":1: not YAML: expected ',' or '}'"),
        (b"a: 1\n\tb: 2", r":2: not YAML"),
        (b"\xff\xfe\xfa", "is not UTF-8 text"),
        (b"a\x00b: 1", "not YAML"),
        (b"- 1", "the file: must be a mapping"),
        (b"policy: 3", ":1: policy: must be a mapping"),
        (b"policy: {unattended: [reboot]}", "policy.unattended.0: should be 'restart', .*, not 'reboot'"),
        (b"zzz: 1", "there is no such setting; known here: audit, builtin_faults, communication, faults, .*, timeouts"),
    ],
)
def test_what_is_no_settings_file_is_said_in_a_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as raised:
        settings.load(str(path))
    assert str(raised.value).startswith(str(path)) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("every day", "cannot read"),
        ('"2020-01-01"', "never comes again"),
        ('"daily\\nPersistent=no"', "is not a calendar expression"),
    ],
)
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd's reader is not here")
def test_a_calendar_expression_that_no_timer_takes_is_an_error_of_its_line(
    tmp_path: Path, expression: str, words: str
) -> None:
    path = write(tmp_path / "s.yml", f"---\nschedule:\n  check:\n    on_calendar: {expression}\n")
    with pytest.raises(UsageError, match=f":4: schedule.check.on_calendar: .*{words}"):
        settings.load(str(path))


def test_the_files_of_the_schedule_are_relative_to_the_settings(tmp_path: Path) -> None:
    path = write(tmp_path / "s.yml", "schedule: {private_key: key, vault_password_file: /run/vault}")
    schedule = settings.load(str(path)).schedule
    assert (schedule.private_key, schedule.vault_password_file) == (tmp_path / "key", Path("/run/vault"))


def test_an_empty_file_has_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.yml", "---\n")
    assert settings.load(str(path)).timeouts == settings.Settings().timeouts


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        settings.load().policy.attempts = 9  # type: ignore[misc]


def test_the_password_of_the_journal_is_not_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "s.yml", "journal: {url: 'postgresql://u:hunter2@h/j'}")
    assert "hunter2" not in repr(settings.load(str(path)))


def test_a_rule_of_the_audit_that_cannot_be_meant_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pyremediate.yml"
    path.write_text(
        "audit:\n  rules:\n    - kind: package\n      action: raise\n      reason: why\n    - action: accept\n      reason: all\n"
        "    - nmae: vim\n      action: ignore\n      reason: why\n    - name: vim\n      action: ignore\n      until: soon\n"
    )
    with pytest.raises(UsageError) as caught:
        settings.load(str(path))
    told = str(caught.value).replace(str(path), "pyremediate.yml").splitlines()
    assert told == [
        "pyremediate.yml:3: audit.rules.0: severity goes with action: raise, and with no other; add it there, or take it out here",
        "pyremediate.yml:6: audit.rules.1: it would match everything; give a kind or a name",
        "pyremediate.yml:8: audit.rules.2.nmae: there is no such setting; did you mean name?",
        "pyremediate.yml:11: audit.rules.3.reason: Field required",
        "pyremediate.yml:13: audit.rules.3.until: should be a valid date or datetime, input is too short, not 'soon'",
    ]


def test_a_date_that_there_is_not_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pyremediate.yml"
    path.write_text("audit:\n  rules:\n    - name: vim\n      action: ignore\n      reason: why\n      until: 2027-13-01\n")
    with pytest.raises(UsageError, match=r"pyremediate.yml:6: month must be in 1..12"):
        settings.load(str(path))

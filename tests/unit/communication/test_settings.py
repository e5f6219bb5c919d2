"""The settings of who is told: every mistake has its line and its mend, and no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate import doctor, settings
from pyremediate.communication import channels
from pyremediate.communication.settings import MESSAGES, ChannelSettings
from pyremediate.doctor import Subject
from pyremediate.errors import UsageError
from pyremediate.model import Answer
from pyremediate.request import AnsibleOptions
from pyremediate.schedule import install, jobs

CHANNEL = "channels: {mail: {url: 'smtp://relay.test?from=a@b.test&to=c@d.test'}}"
IT = "{channels: [mail]}"


def load(directory: Path, *lines: str) -> settings.Settings:
    file = directory / "settings.yml"
    file.write_text("".join(f"{line}\n" for line in lines))
    return settings.load(str(file))


def communication(directory: Path, *lines: str) -> settings.Settings:
    return load(directory, "communication:", *(f"  {line}" for line in lines))


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ((CHANNEL, "audiences: {it: {channels: [chat]}}"), ":1: communication: audiences.it: there is no channel chat; add it"),
        ((CHANNEL, "audiences: {it: {channels: []}}"), ":3: communication.audiences.it.channels"),
        ((CHANNEL, "audiences: {it: {channels: [mail], language: de}}"), ":3: .*'de' is no language that is known here"),
        ((CHANNEL, "audiences: {it: {channels: [mail], timezone: Rome}}"), ":3: .*there is no time zone Rome; write"),
        ((CHANNEL, "audiences: {it: {channels: [mail], mesages: []}}"), ":3: .*did you mean messages"),
        (("channels: {mail: {}}",), ":2: .*give one of url, url_file and url_environment"),
        (("channels: {mail: {url: secret-token, url_file: x}}",), ":2: .*give one of url, url_file and url_environment"),
    ],
)
def test_a_mistake_is_told_with_its_line(lines, complaint, tmp_path):
    with pytest.raises(UsageError, match=complaint) as error:
        communication(tmp_path, *lines)

    assert "secret-token" not in str(error.value)


def test_audiences_are_told_what_fits_their_names_unless_the_settings_say_otherwise(tmp_path):
    found = communication(
        tmp_path, CHANNEL, f"audiences: {{it: {IT}, clinic: {IT}, partners: {IT}, quiet: {{channels: [mail], messages: []}}}}"
    ).communication.audiences

    assert found["it"].messages == MESSAGES
    assert found["clinic"].messages == ("outage", "update", "eta_changed", "resolved")
    assert found["partners"].concerned == ("inbound", "outbound")
    assert found["quiet"].messages == ()


def test_a_url_comes_from_a_file_beside_the_settings(tmp_path):
    (tmp_path / "relay").write_text("smtp://relay.test?from=a@b.test&to=c@d.test\n# a comment\n")
    found = communication(tmp_path, "channels: {mail: {url_file: relay}}", f"audiences: {{it: {IT}}}").communication

    assert channels.url_of("mail", found.channels["mail"]) == "smtp://relay.test?from=a@b.test&to=c@d.test"


def test_what_systemd_hands_over_goes_before_the_file(tmp_path, monkeypatch):
    (tmp_path / "notify_mail").write_text("smtp://handed.test\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert channels.url_of("mail", ChannelSettings(url_file=tmp_path / "unreadable")) == "smtp://handed.test"


def test_a_url_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("ON_CALL", "smtp://relay.test")

    assert channels.url_of("sms", ChannelSettings(url_environment="ON_CALL")) == "smtp://relay.test"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"url_file": "/nowhere"}, "channel x: /nowhere: No such file or directory"),
        ({"url_environment": "NOT_SET_ANYWHERE"}, "channel x: the environment has no NOT_SET_ANYWHERE"),
        ({"url": "relay.test/secret"}, "channel x: no URL; write smtps://"),
    ],
)
def test_a_url_that_cannot_be_had_is_told_by_the_channels_name(given, complaint):
    with pytest.raises(UsageError) as error:
        channels.url_of("x", ChannelSettings.model_validate(given))

    assert complaint in str(error.value) and "secret" not in str(error.value)


def test_doctor_tells_a_channel_that_is_wrong_and_one_that_was_never_tried(tmp_path, monkeypatch):
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    communication(tmp_path, "channels: {mail: {url: 'smtp://relay.test'}}", f"audiences: {{it: {IT}}}")
    found = list(doctor.CHECKS["notifications"](Subject(str(tmp_path / "settings.yml"), AnsibleOptions())))

    assert [(each.answer, each.name) for each in found] == [
        (Answer.FAIL, "notifications"), (Answer.UNKNOWN, "channel mail"),
    ]  # fmt: skip
    assert "needs one from=" in found[0].detail and found[1].mend == "pyremediate notify test"


def test_the_timers_tell_and_try_with_the_channels_files_handed_over(tmp_path):
    (tmp_path / "relay").touch()
    found = communication(tmp_path, "channels: {mail: {url_file: relay}}", f"audiences: {{it: {IT}}}")
    found = load(
        tmp_path, (tmp_path / "settings.yml").read_text(), "schedule: {check: {enabled: false}, audit: {enabled: false},",
        "  deliver: {enabled: true}, notify: {enabled: true}}",
    )  # fmt: skip
    wanted = jobs.of(found, None)

    assert [job.name for job in wanted] == ["deliver", "notify"]
    assert {job.name: dict(job.credentials) for job in wanted}["notify"] == {"notify_mail": tmp_path / "relay"}
    assert jobs.words("notify", found, None)[:2] == ("notify", "test") and jobs.words("notify", found, None)[-1] == "--quiet"
    assert jobs.words("deliver", found, None)[:2] == ("notify", "deliver")
    assert not [each for each in install.obstacles(found, wanted, sandboxed=False) if "inventory" in each or "channel" in each]


def test_a_timer_has_no_environment_and_says_so(tmp_path):
    found = load(
        tmp_path, "communication: {channels: {sms: {url_environment: ON_CALL}}, audiences: {it: {channels: [sms]}}}",
        "schedule: {deliver: {enabled: true}}",
    )  # fmt: skip

    obstacles = list(install.obstacles(found, jobs.of(found, None), sandboxed=False))
    assert "channel sms: a run that nobody watches has no ON_CALL; put the URL into a url_file" in obstacles

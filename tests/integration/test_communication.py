"""With the mail host down and the first channel dead, everybody is told, each in their language, by real receivers.

The relay is the outside world's own Postfix, and its mailbox is read back; the webhook is a server on the controller.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import yaml

from pyremediate.journal import Entry, Journal
from pyremediate.lab.description import Lab
from tests.integration.test_crash import killed_at
from tests.integration.world import World
from tests.unit.communication.receivers import Webhook, dead_port, webhook

pytestmark = pytest.mark.lab
FAULT = "services/postfix_stopped"
NOTICES = "/var/vmail/peer.test/notices/Maildir/new"  # read by nobody else, so that nothing is moved to cur meanwhile
WITHIN = 10.0  # seconds from the first assessment on record
LANGUAGES = {"it": "en", "management": "fr", "users": "it", "partners": "es", "clinic": "nl"}
SAID = {
    "it": "E-mail disruption", "management": "Perturbation", "users": "Disservizio", "partners": "Interrupción",
    "clinic": "E-mailstoring",
}  # fmt: skip
BY_WEBHOOK = ("it", "partners")


@pytest.fixture(autouse=True)
def no_outage(world: World) -> None:
    """What another test left to people would go on, and so would its thread: a run that finds the host healthy ends it."""
    world.reset()
    assert world.fix()["outcome"] == "healthy"


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    pytest.importorskip("apprise")
    with webhook() as found:
        yield found


def settings(lab: Lab, directory: Path, hook: Webhook) -> str:
    peer = f"smtp://{lab.host('peer01').management}?from=it@outside.test&to=notices@peer.test"
    channels = {"dead": f"smtp://127.0.0.1:{dead_port()}?from=it@outside.test&to=notices@peer.test", "relay": peer}
    channels["hook"] = f"json://127.0.0.1:{hook.port}/outages"
    audiences = {
        name: {"language": code, "channels": ["dead", "hook" if name in BY_WEBHOOK else "relay"]}
        for name, code in LANGUAGES.items()
    }
    told = {"communication": {"channels": {name: {"url": url} for name, url in channels.items()}, "audiences": audiences}}
    file = directory / "settings.yml"
    file.write_text(yaml.safe_dump(told))
    return str(file)


def mails(world: World, incident: str) -> list[EmailMessage]:
    """What is in the mailbox of the outside world about this incident."""
    files = world.on("peer01", "grep", "-rlF", incident, NOTICES, check=False).split()
    return [email.message_from_string(world.on("peer01", "cat", file), policy=default) for file in files]  # type: ignore[misc]


def seconds_until_told(entries: tuple[Entry, ...]) -> dict[str, float]:
    """From the first assessment to the first delivery, by audience."""
    began = next(entry.time for entry in entries if entry.kind == "assess")
    found: dict[str, datetime] = {}
    for entry in entries:
        if entry.kind == "attempted" and entry.payload["delivered"]:
            found.setdefault(entry.payload["notice"].rpartition("-")[0], entry.time)
    return {audience: (time - began).total_seconds() for audience, time in found.items()}


def test_every_audience_is_told_in_time_in_its_language_though_the_first_channel_is_dead(
    lab: Lab, world: World, receiver: Webhook, tmp_path: Path
) -> None:
    world.break_by(FAULT)

    outcome = world.fix("--yes", "--settings", settings(lab, tmp_path, receiver))

    assert outcome["outcome"] == "repaired", outcome
    incident = outcome["incident"]
    with Journal.open() as journal:
        entries = journal.entries(incident, ("assess", "notice", "attempt", "attempted"))
    took = seconds_until_told(entries)
    assert took.keys() == LANGUAGES.keys()
    assert max(took.values()) <= WITHIN, took
    arrived = mails(world, incident)
    subjects = {str(mail["Message-ID"]).partition("@")[0].rpartition(".")[2]: str(mail["Subject"]) for mail in arrived}
    subjects |= {key.rpartition(".")[2]: body["title"] for key, body in receiver.received}
    for audience, said in SAID.items():
        assert subjects[f"{audience}-1"].startswith(said), subjects
        assert f"{audience}-2" in subjects, "and of the end"
    assert len(arrived) == len({mail["Message-ID"] for mail in arrived})
    assert all(mail["Auto-Submitted"] == "auto-generated" for mail in arrived)
    replies = [mail for mail in arrived if "-2@" in mail["Message-ID"]]
    assert all(mail["In-Reply-To"] == mail["Message-ID"].replace("-2@", "-1@") for mail in replies), "one thread"


def test_a_relay_that_is_the_broken_host_is_refused_and_the_repair_goes_on(lab: Lab, world: World, tmp_path: Path) -> None:
    world.break_by(FAULT)
    own = f"smtp://{lab.host(world.host).address}:25?from=it@outside.test&to=bob@lab.test"
    file = tmp_path / "settings.yml"
    told = {"channels": {"own": {"url": own}}, "audiences": {"it": {"channels": ["own"]}}}
    file.write_text(yaml.safe_dump({"communication": told}))

    outcome = world.fix("--yes", "--settings", str(file))

    assert outcome["outcome"] == "repaired", outcome
    with Journal.open() as journal:
        answers = {entry.payload["answer"] for entry in journal.entries(outcome["incident"], ("attempted",))}
    assert all("is the host under repair itself" in answer for answer in answers) and answers


@pytest.mark.parametrize("kind", ["notice", "attempt"])
def test_what_a_killed_run_did_not_deliver_is_delivered_by_the_next_one(
    kind: str, lab: Lab, world: World, receiver: Webhook, tmp_path: Path
) -> None:
    world.break_by(FAULT)
    told = settings(lab, tmp_path, receiver)
    incident = killed_at(world, kind, "--settings", told)

    world.fix("--yes", "--settings", told)
    world.expect("notify", "deliver", "--settings", told)

    with Journal.open() as journal:
        entries = journal.entries(incident, ("notice", "attempt", "attempted"))
    wanted = {f"{incident}.{entry.payload['id']}" for entry in entries if entry.kind == "notice"}
    keys = [str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mails(world, incident)]
    keys += [key for key, _ in receiver.received if key.startswith(f"{incident}.")]
    assert {*keys} == wanted and {key.rpartition(".")[2].rpartition("-")[0] for key in keys} == LANGUAGES.keys()
    ended = {(entry.payload["notice"], entry.payload["number"]) for entry in entries if entry.kind == "attempted"}
    begun = {(entry.payload["notice"], entry.payload["number"]) for entry in entries if entry.kind == "attempt"}
    cut_off = {f"{incident}.{notice}" for notice, _ in begun - ended}
    assert {key for key in keys if keys.count(key) > 1} <= cut_off, "only what was cut off may come twice"

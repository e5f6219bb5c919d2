"""Tries the channels before they are needed, and remembers how that went."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyremediate.communication import channels, example, render
from pyremediate.communication.due import next_moment
from pyremediate.communication.relay import Broken, Undelivered
from pyremediate.communication.render import TEST, Reader
from pyremediate.communication.settings import MESSAGES, CommunicationSettings
from pyremediate.communication.values import Notice
from pyremediate.errors import UsageError
from pyremediate.model import moment, to_json
from pyremediate.paths import state_directory

NOT_QUIETLY = "not tried: only a message could tell; pyremediate notify test sends one"


@dataclass(frozen=True)
class Trial:
    """How one channel did. ``well``: None when it was not tried."""

    audience: str
    channel: str
    well: bool | None
    answer: str
    at: datetime


def notice(name: str, settings: CommunicationSettings, at: datetime) -> Notice:
    """The test message to an audience."""
    audience = settings.audiences[name]
    text = render.text(TEST, Reader.of(name, audience), None, None, settings.templates)
    return Notice(name, f"test.{at:%Y%m%d%H%M%S}", TEST, name, audience.language, text.subject, text.body, audience.channels, at=at)


def attempt(settings: CommunicationSettings, audiences: Sequence[str], quietly: bool) -> Iterator[Trial]:
    """Every channel of these audiences' ladders once; ``quietly``: as far as nobody gets a message."""
    tried: set[str] = set()
    for name in audiences:
        for channel in settings.audiences[name].channels:
            if channel not in tried:
                tried.add(channel)
                yield _attempt(settings, name, channel, quietly)


def _attempt(settings: CommunicationSettings, audience: str, channel: str, quietly: bool) -> Trial:
    at, said = datetime.now(UTC), list[str]()
    try:
        if quietly:
            answer = channels.probe(channel, settings.channels[channel], Broken())
            return Trial(audience, channel, None if answer is None else True, answer or NOT_QUIETLY, at)
        message = notice(audience, settings, at)
        channels.hand_over(channel, settings.channels[channel], message, Broken(), said.append)
        return Trial(audience, channel, True, said[0], at)
    except Undelivered as error:
        return Trial(audience, channel, False, str(error), at)


def check_templates(settings: CommunicationSettings) -> None:
    """Raises ``UsageError`` when a team's own templates cannot be rendered for one of the audiences."""
    if settings.templates is None:
        return
    for name, audience in settings.audiences.items():
        for message in (*MESSAGES, TEST):
            facts = example.MOMENTS.get(message)
            following = next_moment(facts, settings, example.after(1)) if facts else None
            render.check(settings.templates, message, Reader.of(name, audience), facts, following)


def remember(trials: Sequence[Trial]) -> None:
    """Keep the last trial of each channel; one that was not tried leaves what is known of it."""
    known = {trial.channel: trial for trial in (*remembered(), *(each for each in trials if each.well is not None))}
    path = _record()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(json.dumps(to_json(list(known.values())), indent=2) + "\n")
    fresh.replace(path)


def remembered() -> tuple[Trial, ...]:
    """The last trial of each channel."""
    try:
        data = json.loads(_record().read_text())
    except FileNotFoundError:
        return ()
    return tuple(Trial(**{**each, "at": moment(each["at"])}) for each in data)


def _record() -> Path:
    return state_directory() / "communication" / "trials.json"


def named(settings: CommunicationSettings, audience: str | None) -> Sequence[str]:
    """The audience that was asked for, or all. Raises ``UsageError`` where there is none."""
    if not settings.audiences:
        raise UsageError("the settings name no audiences, so nobody is told of an outage; see docs/communication.md")
    if audience is not None and audience not in settings.audiences:
        raise UsageError(f"there is no audience {audience!r} in the settings; there is: {', '.join(settings.audiences)}")
    return (audience,) if audience else tuple(settings.audiences)

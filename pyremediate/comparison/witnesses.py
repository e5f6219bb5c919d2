"""Who was there when something was changed: from what the host itself keeps of logins and of sudo. Pure.

That somebody was there is no proof that they did it; that nobody can be known is not that nobody was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pyremediate.model import moment

BEFORE = timedelta(minutes=10)  # an editor under sudo may be open for a while before it writes
MOST = 5  # commands that are told of one change
SLACK = timedelta(seconds=2)  # the times of the log and of files are cut to seconds


@dataclass(frozen=True)
class Session:
    """A login; ``ended`` is None while it goes on, or where nobody saw its end."""

    user: str
    origin: str  # the address or terminal it came from
    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True)
class Command:
    """What somebody ran by sudo."""

    user: str
    as_: str
    command: str
    at: datetime


@dataclass(frozen=True)
class Witnesses:
    """``sessions`` and ``commands`` are None where this host does not keep them, or not as far back: it cannot be known."""

    sessions: tuple[Session, ...] | None
    commands: tuple[Command, ...] | None

    def told(self) -> tuple[str, ...]:
        """``root from 192.0.2.7 was logged in``, ``alice ran /usr/bin/vi /etc/aliases as root``."""
        if self.sessions is None and self.commands is None:
            return ("who was there cannot be known",)
        return (self._logged_in(), *self._ran())

    def _logged_in(self) -> str:
        if self.sessions is None:
            return "who was logged in cannot be known"
        names = dict.fromkeys(f"{each.user} from {each.origin}" for each in self.sessions)
        return f"{', '.join(names)} {'were' if len(names) > 1 else 'was'} logged in" if names else "nobody was logged in"

    def _ran(self) -> list[str]:
        """The last ones: they are the nearest to the change."""
        if self.commands is None:
            return ["who ran sudo cannot be known"]
        told = list(dict.fromkeys(f"{each.user} ran {each.command} as {each.as_}" for each in self.commands))
        before = [f"and {len(told) - MOST} more by sudo before"] if len(told) > MOST else []
        return [*told[-MOST:], *before]


UNKNOWN = Witnesses(None, None)


def who_was_there(since: datetime | None, sessions: Sequence[Session] | None, sudo: Sequence[Command] | None) -> Witnesses:
    """Who was logged in at that time, and what was run by sudo shortly before. Without a time nothing can be known."""
    if since is None:
        return UNKNOWN
    there = None if sessions is None else tuple(each for each in sessions if _at(each, since))
    ran = None if sudo is None else tuple(each for each in sudo if since - BEFORE <= each.at <= since + SLACK)
    return Witnesses(there, ran)


def _at(session: Session, since: datetime) -> bool:
    return session.began - SLACK <= since and (session.ended is None or since <= session.ended + SLACK)


def witnesses(since: datetime | None, section: Mapping[str, Any] | None) -> Witnesses:
    """The same of the section ``sessions`` of the evidence; what was before the time from which on it is kept cannot be known."""
    if since is None or section is None:
        return UNKNOWN
    sessions = [_session(each) for each in section["sessions"] or ()] if _reaches(section, "sessions", "since", since) else None
    sudo = [_command(each) for each in section["sudo"] or ()] if _reaches(section, "sudo", "sudo_since", since) else None
    return who_was_there(since, sessions, sudo)


def _reaches(section: Mapping[str, Any], name: str, from_: str, since: datetime) -> bool:
    return section[name] is not None and section[from_] is not None and moment(section[from_]) <= since


def _session(each: Mapping[str, Any]) -> Session:
    return Session(each["user"], each["from"], moment(each["began"]), moment(each["ended"]) if each["ended"] else None)


def _command(each: Mapping[str, Any]) -> Command:
    return Command(each["user"], each["as"], each["command"], moment(each["at"]))

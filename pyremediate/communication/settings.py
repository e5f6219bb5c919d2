"""The settings ``communication``: the audiences, what each of them is told, and the ways to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from pyremediate.languages import LANGUAGES
from pyremediate.strict_yaml import Strict, TimeZone

Message = Literal["outage", "update", "eta_changed", "waiting", "resolved", "escalated", "review_ready"]
MESSAGES: tuple[Message, ...] = get_args(Message)
Way = Literal["inbound", "submission", "outbound", "retrieval"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

TO_USERS: tuple[Message, ...] = ("outage", "update", "eta_changed", "resolved")
DEFAULT_MESSAGES: Mapping[str, tuple[Message, ...]] = {
    "it": MESSAGES,
    "management": MESSAGES,
    "partners": ("outage", "update", "resolved"),
}
DEFAULT_WAYS: Mapping[str, tuple[Way, ...]] = {"partners": ("inbound", "outbound")}  # theirs are no mailboxes here


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(f"{code!r} is no language that is known here; there is: {', '.join(LANGUAGES)}")
    return code


class ChannelSettings(Strict):
    """One way to people. Its URL is of ``smtp:``, ``smtps:``, or of a service that Apprise knows; it often holds a secret."""

    url: str | None = Field(default=None, repr=False, description="smtps://user:password@relay?from=…&to=…, or one for Apprise")
    url_file: Path | None = Field(default=None, description="A file whose first line is the URL; relative to this file")
    url_environment: str | None = Field(default=None, min_length=1, description="The environment variable that holds the URL")
    short: bool = Field(default=False, description="true: the subject and the first paragraph alone, as for SMS")

    @model_validator(mode="after")
    def _one_source(self) -> ChannelSettings:
        if sum(given is not None for given in (self.url, self.url_file, self.url_environment)) != 1:
            raise ValueError("give one of url, url_file and url_environment")
        return self


class AudienceSettings(Strict):
    """People who are told the same, in one language, by the first of their channels that works."""

    language: Annotated[str, AfterValidator(_language)] = Field(default="en", description=f"One of {', '.join(LANGUAGES)}")
    timezone: TimeZone = Field(default="UTC", description="Of the times that they are told")
    channels: tuple[Name, ...] = Field(min_length=1, description="The first that works is used; the preferred one comes first")
    messages: tuple[Message, ...] | None = Field(default=None, description="What they are told; by default, what fits the name")
    concerned: tuple[Way, ...] | None = Field(
        default=None, min_length=1, description="They are told if one of these ways of mail fails; by default, each of them"
    )
    alternative: str = Field(default="", description="How to communicate meanwhile, in their language")


class CommunicationSettings(Strict):
    """Who is told what while mail is down; without audiences nobody is."""

    channels: dict[Name, ChannelSettings] = Field(default_factory=dict, description="The ways to people, by name")
    audiences: dict[Name, AudienceSettings] = Field(
        default_factory=dict, description="it, management, users, partners, and whatever you call others"
    )
    every_minutes: int = Field(default=30, ge=1, le=1440, description="Minutes until the next update, if nothing changes")
    least_minutes: int = Field(default=5, ge=1, le=1440, description="Minutes between two updates, however much changes")
    templates: Path | None = Field(default=None, description="A directory with texts of your own; relative to this file")

    @field_validator("audiences")
    @classmethod
    def _by_their_names(cls, audiences: dict[str, AudienceSettings]) -> dict[str, AudienceSettings]:
        return {
            name: given.model_copy(
                update={
                    "messages": given.messages if given.messages is not None else DEFAULT_MESSAGES.get(name, TO_USERS),
                    "concerned": given.concerned or DEFAULT_WAYS.get(name, get_args(Way)),
                }
            )
            for name, given in audiences.items()
        }

    @model_validator(mode="after")
    def _known_channels(self) -> CommunicationSettings:
        for name, audience in self.audiences.items():
            if missing := [channel for channel in audience.channels if channel not in self.channels]:
                raise ValueError(f"audiences.{name}: there is no channel {missing[0]}; add it to communication.channels")
        return self

    def anchored(self, here: Path) -> CommunicationSettings:
        """The same, with absolute paths."""
        channels = {
            name: given.model_copy(update={"url_file": given.url_file and here / given.url_file.expanduser()})
            for name, given in self.channels.items()
        }
        templates = self.templates and here / self.templates.expanduser()
        return self.model_copy(update={"channels": channels, "templates": templates})

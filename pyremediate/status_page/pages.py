"""The status page in each language, and the page that chooses one by the browser's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from pyremediate.languages import LANGUAGES, Language, _
from pyremediate.languages.recorded import retold
from pyremediate.languages.words import WAYS
from pyremediate.pages.html import template
from pyremediate.status_page.values import Disruption, Service, Status

UPDATES: Mapping[str, str] = {
    "noticed": _("The disruption was noticed, and is being looked into."),
    "again": _("It is being looked into again."),
    "cause": _("The cause is known."),
    "repairing": _("A repair is under way."),
    "people": _("Specialists are at work on it."),
    "denied": _("It was not over yet; it is being looked into again."),
    "restored": _("Mail works again; that was tested with real mail."),
}
STATES: Mapping[str, str] = {
    "well": _("no disruption known"),
    "partly": _("disrupted from some networks"),
    "disrupted": _("disrupted"),
    "unknown": _("cannot be determined at the moment"),
}
SERVICES: Mapping[str, str] = {
    "inbound": _("Receiving mail"),
    "submission": _("Sending mail"),
    "outbound": _("Delivery to other domains"),
    "retrieval": _("Reading mail"),
}
ADVICE: Mapping[str, str] = {
    "inbound": _(
        "Mail that others send you is kept by their servers and arrives later; it does not have to be sent again."
    ),
    "submission": _("Leave messages that cannot be sent in your outbox: your mail program tries again."),
    "outbound": _("Messages that you have sent wait here and go out by themselves; do not send them again."),
    "retrieval": _("The messages in your mailbox are not lost; they cannot be read for now."),
}
MARKS: Mapping[str, str] = {"well": "good", "partly": "warn", "disrupted": "bad", "unknown": "warn"}


@dataclass(frozen=True)
class Appearance:
    """``name`` of the house and ``contact`` for its users, as they stand in the settings; ``details``: hosts and causes, too."""

    name: str = ""
    contact: str = ""
    details: bool = False


def files(status: Status, zone: tzinfo, appearance: Appearance) -> dict[str, str]:
    """Each file of the directory by its name."""
    told = {f"{code}.html": _page(status, Language(code, zone), appearance) for code in LANGUAGES}
    index = template("status_index.html.j2", Language("en"), languages=LANGUAGES, appearance=appearance)
    return {**told, "index.html": index}


def _page(status: Status, language: Language, appearance: Appearance) -> str:
    return template(
        "status.html.j2",
        language,
        status=status,
        appearance=appearance,
        languages=LANGUAGES,
        tell=Told(status, language),
    )


@dataclass(frozen=True)
class Told:
    """The sentences of one page that are put together from several values."""

    status: Status
    language: Language

    def headline(self) -> tuple[str, str]:
        """The state of everything in one sentence, and its mark."""
        say = self.language.gettext
        states = {service.state for service in self.status.services}
        checked = self.status.checked
        if "disrupted" in states:
            return say("Mail is disrupted"), "bad"
        if "partly" in states:
            return say("Mail is disrupted from some networks"), "warn"
        if "unknown" in states:
            return say("The state of mail cannot be determined at the moment"), "warn"
        if checked and checked.well is False:
            return say("The last check noticed a problem"), "warn"
        return say("No disruption is known"), "good"

    def service(self, service: Service) -> str:
        """``Receiving mail``."""
        return self.language.gettext(SERVICES[service.way])

    def state(self, service: Service) -> str:
        """The state of a service in words."""
        return self.language.gettext(STATES[service.state])

    def mark(self, service: Service) -> str:
        """Its colour."""
        return MARKS[service.state]

    def history(self, service: Service) -> str:
        """The bars of a service, in words."""
        disrupted = [day for day in service.days if day.state == "disrupted"]
        if not disrupted:
            return self.language.gettext("no disruption on record")
        return self.language.ngettext(
            "disrupted on %(count)s day, for %(span)s",
            "disrupted on %(count)s days, for %(span)s",
            len(disrupted),
            span=self.language.span(sum(day.seconds for day in disrupted)),
        )

    def when(self, time: datetime) -> str:
        """A moment, with its day."""
        return self.language.moment(time)

    def ways(self, each: Disruption) -> str:
        """What is, or was, disrupted."""
        named = self.language.listed(self.language.gettext(WAYS[way]) for way in each.ways)
        return named or self.language.gettext("what is disrupted cannot be determined")

    def updates(self, each: Disruption) -> list[tuple[str, str]]:
        """Times and sentences, the newest first."""
        return [
            (self.when(update.time), self.language.gettext(UPDATES[update.code])) for update in reversed(each.updates)
        ]

    def advice(self, each: Disruption) -> list[str]:
        """What users can do meanwhile."""
        return [self.language.gettext(ADVICE[way]) for way in each.ways]

    def length(self, each: Disruption) -> str:
        """How long it took."""
        return self.language.span(((each.ended or self.status.time) - each.began).total_seconds())

    def causes(self, each: Disruption) -> str:
        """For pages with details."""
        return "; ".join(retold(self.language, title) for title in each.causes)

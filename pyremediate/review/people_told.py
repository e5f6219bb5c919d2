"""The chapters of a review about people: who was told, who signed, what is to be done and learned. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyremediate.languages import LANGUAGES, Language, _
from pyremediate.languages.recorded import retold
from pyremediate.languages.words import STAGES, told
from pyremediate.pages.blocks import Block, Bullets, Cell, Paragraph, Table
from pyremediate.report.narrative import said, sentence
from pyremediate.review.lessons_told import lesson
from pyremediate.review.marks import MARKS
from pyremediate.review.values import Measure, Notice, Review

STANDINGS: Mapping[str, str] = {
    "not_needed": _("Nothing of it is to be signed."),
    "awaiting": _("It is repaired, and awaits its sign-off."),
    "signed": _("Its sign-off is complete."),
    "expired": _("What was verified is too old to be signed; the host must be looked at again."),
    "reopened": _("The sign-off was refused; the diagnosis is open again."),
}
MESSAGES: Mapping[str, str] = {
    "outage": _("the outage"),
    "update": _("how it stands"),
    "eta_changed": _("a new estimate"),
    "waiting": _("a consent is waited for"),
    "escalated": _("people must take over"),
    "resolved": _("the end"),
    "review_ready": _("the review is ready"),
}
DELIVERY: Mapping[str, str] = {"sent": _("sent"), "failed": _("failed"), "waiting": _("not delivered yet")}


def notices(review: Review, language: Language) -> Iterator[Block]:
    """Who was told."""
    say = language.gettext
    if not review.notices:
        yield Paragraph(say("No notification is on record."))
        return
    headings = [say("When"), say("Audience"), say("Message"), say("Language"), say("Channel"), say("Delivery"), say("Read by")]
    yield Table(say("Notifications"), headings, [_notice(notice, language) for notice in review.notices])


def _notice(notice: Notice, language: Language) -> list[str | Cell]:
    delivery = Cell(language.gettext(DELIVERY[notice.state]), MARKS[notice.state])
    return [
        language.moment(notice.time),
        notice.audience,
        told(language, MESSAGES, notice.message),
        LANGUAGES.get(notice.language, notice.language),
        notice.channel,
        delivery,
        language.listed(notice.readers) or Cell(language.gettext("not known"), "dim"),
    ]


def signatures(review: Review, language: Language) -> Iterator[Block]:
    """Who signed, and where the sign-off stands."""
    say = language.gettext
    standing = review.report["sign_off"] or {"state": ""}
    if words := STANDINGS.get(standing["state"]):
        yield Paragraph(say(words), "warn" if standing["state"] in {"awaiting", "expired", "reopened"} else "")
    if not review.signatures and standing["state"] != "not_needed":
        yield Paragraph(say("Nobody has signed it."))
    for each in review.signatures:
        values = {"when": language.moment(each.time), "signer": each.signer}
        if each.refused:
            yield Paragraph(
                say("%(when)s: %(signer)s refused to sign: %(reason)s", reason=each.reason, **values), "bad"
            )
        else:
            yield Paragraph(say("%(when)s: %(signer)s signed what had been verified.", **values), "good")


def measures(review: Review, language: Language) -> Iterator[Block]:
    """What keeps it from happening again."""
    say = language.gettext
    if not review.measures:
        yield Paragraph(say("None are known for what was found."))
        return
    headings = [say("Measure"), say("Owner"), say("Due"), say("From")]
    yield Table(say("Preventive measures"), headings, [_measure(each, language) for each in review.measures])


def _measure(each: Measure, language: Language) -> list[str | Cell]:
    say = language.gettext
    nobody = Cell(say("nobody yet"), "warn")
    due = say("done") if each.done else each.due or say("not set")
    if each.actor:
        return [said(language, each.text), each.owner or nobody, due, each.actor]
    return [retold(language, each.text), nobody, due, say("proposed by the fault's description")]


def lessons(review: Review, language: Language) -> Iterator[Block]:
    """What the procedure can learn."""
    if review.lessons:
        yield Bullets([lesson(each, language) for each in review.lessons])
    else:
        yield Paragraph(language.gettext("Nothing on record speaks for a change."))


def record(review: Review, language: Language) -> Table:
    """The whole timeline."""
    say = language.gettext
    zone = language.zone_name(review.began)
    rows = [
        [
            f"{entry.time.astimezone(language.zone):%H:%M:%S}",
            told(language, STAGES, entry.stage),
            sentence(entry, language),
        ]
        for entry in review.entries
    ]
    return Table(
        say("Every entry of the record"),
        [say("Time (%(zone)s)", zone=zone), say("Stage"), say("What")],
        rows,
        whole=frozenset({0, 1}),
        folded=True,
    )
